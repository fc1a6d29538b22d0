"""From where on another way is taken, and how much is made at a time: each with its unit.

No bit of a result depends on them: with others the same is made, later or in more memory.  Numbers
that a proof needs are no thresholds and stand beside it; those of `exact`, which imports nothing,
stand there.  Figures are of NumPy on one core of an EPYC (1 MiB of second-level cache), in
nanoseconds an element, and of one run, so that they can be compared.

Those that nobody has measured say what they were chosen for.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "BLOCK",
    "CLI_LINES",
    "COLUMNS",
    "CUBED_IN_MEMORY",
    "DATE_BLOCK",
    "DATE_LANES_BESIDE",
    "DEVICE_BLOCK",
    "DEVICE_GRID",
    "EXACT_BITS",
    "EXACT_ELEMENTS",
    "EXACT_SHARE_BITS",
    "FILE_CHUNK",
    "FILE_READ",
    "FUSED_ALONE",
    "ITERATION",
    "JAX_CONSTANT",
    "JAX_DIVIDED",
    "JAX_LONG_CONSTANT",
    "JAX_SETTLED_TOGETHER",
    "LANE_BLOCK",
    "LANE_PICKED",
    "LANE_SAMPLES",
    "LANE_SLICED",
    "LANE_TABLES",
    "LANE_THREADS",
    "LANE_WIDTH",
    "LIST",
    "LIST_LEVEL",
    "LONG_COLUMNS",
    "LONG_GRID",
    "PIECE",
    "SEARCHED",
    "SEARCHED_TIMES",
    "SPIRAL_BLOCK",
    "SUM_LEVEL",
]

# Grids of scalars, in memory of the host.

#: Elements of a block: three arrays of scratch, 128 KiB each, stay in a second-level cache, that of
#: a smaller processor, too.  Sums: 5.9 with 4096, 2.4 with this, 1.9 with 32768, 2.4 with 2**18.
BLOCK: Final = 1 << 14
#: Columns of a long grid, at most a `BLOCK`: NumPy broadcasts along longer rows faster.  Powers:
#: 5.2 with 512, 4.4 with 1024, 4.0 with this.
COLUMNS: Final = 1 << 12
#: Elements from which on tables have 1024 columns, and from which on they have `COLUMNS`; below,
#: the square root of their number: the tables are then as short as they can be.
LONG_COLUMNS: Final = 1 << 14
LONG_GRID: Final = 1 << 16
#: Entries of a table that are made one by one, in integers, and of the lists whose outer product a
#: longer one is: an entry costs about 0.3 us by itself, and a product of lists 10 us.
LIST: Final = 32
LIST_LEVEL: Final = 16
#: The same of a table of sums, which is three NumPy calls whatever its length: of products below
#: 32 units, for the bound of their tails.
SUM_LEVEL: Final = 64
#: Elements of a sum that are rounded exactly without a test, a number and a share of the grid in
#: bits: more cost more than the test.
EXACT_ELEMENTS: Final = 256
EXACT_SHARE_BITS: Final = 12
#: Bits of ends whose common divisors are taken: of longer ones they cost seconds.
EXACT_BITS: Final = 1 << 15
#: Elements of a block of a spiral, which has more scratch: 310 with 1024, 87 with 4096, 77 with
#: this, 71 with 65536.
SPIRAL_BLOCK: Final = 1 << 13
#: Elements of a grid for each of its threads, at least: to wake one takes 50 to 100 us, and these
#: 5 ms.  With an eighth of as many, two on busy cores took 1.02 of the time of one, and longer.
PIECE: Final = 1 << 20

# Lanes, in memory of the host.

#: Samples a lane from which on two tables and a product pay, and not one look-up an element.
LANE_TABLES: Final = 24
#: Lanes that are prepared at once, and elements of a block: of 1000 lanes of 1000 samples, with 512
#: to 16384 of the one and 2**14 to 2**16 of the other, powers took 4.5 to 5.5, sums 2.1 to 2.5.
LANE_WIDTH: Final = 1 << 11
LANE_BLOCK: Final = 1 << 15
#: Samples a lane above which some of them are made as slices of a grid: that takes as long as
#: making all of so many.  Elements that are made to take some samples from.
LANE_SLICED: Final = 1 << 12
LANE_PICKED: Final = 1 << 18
#: Elements of a block of dates: 24 with 1024, 5.9 with this, 4.5 with 2**18; and lanes below which
#: they are written one beside the other.
DATE_BLOCK: Final = 1 << 14
DATE_LANES_BESIDE: Final = 1 << 7

# Other memory, other programs.

#: Elements of a block on a device: about ten temporaries of it exist, 128 MiB each.
DEVICE_BLOCK: Final = 1 << 24
#: Elements below which a grid for a device is made on the host and moved: a few kernels on a
#: device, at some 5 us a launch, cost more.
DEVICE_GRID: Final = 1 << 16
#: Elements up to which a kernel that makes a grid in one launch makes each by itself, in integers:
#: there are fewer than threads, and tables would have to be waited for.
FUSED_ALONE: Final = 1 << 16
#: Samples of a lane that a thread of a GPU makes at least, as it begins with the work of about ten;
#: and threads that there are at most, if they have more: as many as a large GPU runs at a time.
LANE_SAMPLES: Final = 16
LANE_THREADS: Final = 1 << 18
#: Elements below which a sum is a constant of a program of JAX: 2 MB.
JAX_CONSTANT: Final = 1 << 18
#: The same where the format does not hold its elements.  Of 3 * 10**6 elements in float32, made of
#: integers, a program took 0.6 to 1.4 s of two busy cores to compile and 25 to 64 ms a run, with a
#: text of 90 to 240 KB.  A constant of 10**6 elements in float64 took 0.2 to 0.4 s and 5 to 14 ms,
#: with a text of 16 MB.
JAX_LONG_CONSTANT: Final = 1 << 20
#: Elements of a lane that no device makes whole in a program of JAX that is divided among several,
#: as these may be what it is divided along: 128 MB.  Fewer are made faster whole than of integers.
JAX_DIVIDED: Final = 1 << 24
#: Elements of a lane up to which lanes that a program of JAX leaves are settled many at a time: by
#: integers, at 170 ns an element, where a lane by itself takes 50 us and some ns an element.
JAX_SETTLED_TOGETHER: Final = 256
#: Elements up to which cubed holds an array in memory, and takes larger ones for stored ones.
CUBED_IN_MEMORY: Final = 100_000

# Ranges and the command line.

#: Elements that an iteration makes at a time: 397 with 1024, 114 with this, 77 with 65536, which
#: the first element would wait for.
ITERATION: Final = 1 << 12
#: Elements of a range, in all and for each query, up to which an array is made and searched.
SEARCHED: Final = 1 << 20
SEARCHED_TIMES: Final = 256
#: Elements of a chunk of a file: 8 MB of float64.  Bytes of a file that are read at a time.
FILE_CHUNK: Final = 1 << 20
FILE_READ: Final = 1 << 23
#: Elements that are formatted and written at a time.
CLI_LINES: Final = 1 << 13
