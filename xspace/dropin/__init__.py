"""The grids under the signatures of one library's own functions: change an import, nothing else.

``xspace.dropin.numpy``, ``cupy``, ``torch``, ``jax``, ``dask`` and ``mygrad`` each have
``linspace``, ``logspace``, ``geomspace`` and ``arange`` with the positional order, the names and
the defaults that this library gives them.  A module is imported, and its library with it, only
where somebody asks for it.
"""
