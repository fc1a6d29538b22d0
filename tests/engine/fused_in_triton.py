"""Run plans through Triton's interpreter: pickled plans on stdin, pickled arrays on stdout.

A process of its own, as Triton decides at its import whether it interprets.
"""

import os
import pickle
import sys

os.environ["TRITON_INTERPRET"] = "1"

import torch

from xspace.engine.gpu import fused, torch_kernels


def run(plan):
    out = torch.full((plan.num + 5,), 77.0, dtype=getattr(torch, plan.fmt))
    table = torch.from_numpy(fused.constants().view("int64"))
    torch_kernels.launch(plan, out[: plan.num], table, 2)
    assert bool((out[plan.num :] == 77).all()), "written beyond the end"
    return out[: plan.num].numpy()


if __name__ == "__main__":
    fused.FUSED_ALONE, torch_kernels.ROWS, plans = pickle.load(sys.stdin.buffer)
    first = fused.Job(*plans[0])
    made = torch_kernels.make(first, getattr(torch, first.fmt), "cpu")
    assert made.numpy().tobytes() == run(first).tobytes()
    pickle.dump([run(fused.Job(*plan)) for plan in plans], sys.stdout.buffer)
