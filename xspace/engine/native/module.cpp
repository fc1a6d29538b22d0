// The engine for CPython: whole calls of plain numbers, and filling of memory.
//
// What is used here is in the limited API of 3.11; setup.py asks for that by Py_LIMITED_API, but for
// interpreters without a lock, which have none yet.
//
// A function returns None for what it does not make: an argument that is not plain, or a grid with
// an element that is left open.  Then Python makes it, with the same bits.

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdint>

#include "environment.h"
#include "handler.h"

namespace {

using namespace xspace;

// Longer grids are made without the interpreter's lock.
constexpr i64 LONG = 1 << 15;

struct State {
    PyObject *empty;      // numpy.empty
    PyObject *copyto;     // numpy.copyto
    PyObject *ndarray;    // numpy.ndarray
    PyObject *codes;      // from a dtype, as a caller spells it, to the index of its format
    PyObject *floats[3];  // numpy.float64, float32 and float16, by these indices
    PyObject *complexes[2];  // numpy.complex128 and complex64
};

constexpr int FLOAT64_CODE = 0, BFLOAT16_CODE = 3, INT8_CODE = 4, INT64_CODE = 7;

State *state_of(PyObject *module) { return static_cast<State *>(PyModule_GetState(module)); }

bool is_type(PyObject *value, PyObject *type) {
    return reinterpret_cast<PyObject *>(Py_TYPE(value)) == type;
}

// A word of Python's; false if it is longer.
bool read_word(PyObject *value, i64 &word) {
    int overflow = 0;
    word = PyLong_AsLongLongAndOverflow(value, &overflow);
    return overflow == 0;
}

// A number of Python's, or a float64 of NumPy's, that is finite and no longer than a word.
bool read_number(const State *state, PyObject *value, Number &x) {
    if (Py_TYPE(value) == &PyFloat_Type || is_type(value, state->floats[0])) {
        double number = PyFloat_AsDouble(value);
        x = number_of(number);
        return is_finite(number);
    }
    i64 word = value == Py_True;
    if (Py_TYPE(value) == &PyLong_Type) {
        if (!read_word(value, word)) return false;
    } else if (Py_TYPE(value) != &PyBool_Type) {
        return false;
    }
    u64 size = word < 0 ? 0 - static_cast<u64>(word) : static_cast<u64>(word);
    x = number_of(word < 0, size, 63);
    return true;
}

// The index of the format of a dtype, as a caller spells it, or of a scalar of such a type; or -1.
int code_of(const State *state, PyObject *dtype) {
    PyObject *code = PyDict_GetItemWithError(state->codes, dtype);
    if (code) return static_cast<int>(PyLong_AsLong(code));
    PyErr_Clear();  // a dtype that has no hash
    return -1;
}

int code_of_scalar(const State *state, PyObject *value) {
    return code_of(state, reinterpret_cast<PyObject *>(Py_TYPE(value)));
}

// What all functions have in common, of a grid of at least one element.
struct Call {
    i64 num, div, axis;
    int code;
    PyObject *dtype;
};

bool read_dtype(const State *state, PyObject *dtype, Call &call) {
    call.code = dtype == Py_None ? FLOAT64_CODE : code_of(state, dtype);
    call.dtype = dtype == Py_None ? nullptr : dtype;
    return call.code >= 0;
}

bool read_num(const State *state, PyObject *num, PyObject *endpoint, Call &call) {
    if (endpoint != Py_True && endpoint != Py_False) return false;
    if (Py_TYPE(num) == &PyLong_Type) {
        if (!read_word(num, call.num)) return false;
    } else {
        if (code_of_scalar(state, num) < INT8_CODE) return false;
        PyObject *index = PyNumber_Index(num);
        if (index == nullptr) PyErr_Clear();
        bool good = index && read_word(index, call.num);
        Py_XDECREF(index);
        if (!good) return false;
    }
    if (call.num < 1 || call.num >= MOST_ELEMENTS) return false;
    call.div = endpoint == Py_False || call.num == 1 ? call.num : call.num - 1;
    return true;
}

bool read_call(const State *state, PyObject *num, PyObject *endpoint, PyObject *dtype,
               PyObject *axis, Call &call) {
    return Py_TYPE(axis) == &PyLong_Type && read_word(axis, call.axis) &&
           read_num(state, num, endpoint, call) && read_dtype(state, dtype, call);
}

inline void fill(const Powers &line, Output &out) { fill_powers(line, out); }
inline void fill(const Sums &line, Output &out) { fill_sums(line, out); }

// Run without the interpreter's lock, if it is long, and in the environment of IEEE 754.
template <class Work>
void run(i64 elements, Work work) {
    PyThreadState *saved = elements < LONG ? nullptr : PyEval_SaveThread();
    {
        Environment standard;
        work();
    }
    if (saved) PyEval_RestoreThread(saved);
}

// A buffer that is given back at the end; of contiguous memory, unless strides are asked for.
class Buffer {
    bool held = false;

public:
    Py_buffer view;

    Buffer() = default;
    Buffer(PyObject *object, int flags) { open(object, flags); }
    bool open(PyObject *object, int flags) {
        if (held) PyBuffer_Release(&view);
        held = PyObject_GetBuffer(object, &view, flags) == 0;
        return held;
    }
    ~Buffer() {
        if (held) PyBuffer_Release(&view);
    }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    explicit operator bool() const { return held; }
};

constexpr int WRITABLE = PyBUF_SIMPLE | PyBUF_WRITABLE;
constexpr int READABLE = PyBUF_FORMAT | PyBUF_STRIDES;

// Write all elements of a grid, or say no.
template <class Line>
bool is_filled(const Line &line, void *memory, int code) {
    Output out = {memory, 1, FORMATS[code], nullptr, 0, 0, false};
    run(line.num, [&] { fill(line, out); });
    return out.open == 0 && !out.beyond;
}

// A new array with the elements of a grid, or None if it is left to Python.
template <class Line>
PyObject *array_of(const State *state, const Call &call, const Line &line) {
    PyObject *count = PyLong_FromLongLong(call.num);
    if (count == nullptr) return nullptr;
    PyObject *array = PyObject_CallFunctionObjArgs(state->empty, count, call.dtype, nullptr);
    Py_DECREF(count);
    if (array == nullptr) return nullptr;
    Buffer memory(array, WRITABLE);
    if (!memory) {
        Py_DECREF(array);
        return nullptr;
    }
    if (is_filled(line, memory.view.buf, call.code)) return array;
    Py_DECREF(array);
    Py_RETURN_NONE;
}

// What NumPy's numbers are and where they lie, but for the stride; false if they are of no format.
bool read_format(const Py_buffer &view, End &end) {
    const char *format = view.format;
    if (format == nullptr) return false;
    if (*format == '@' || *format == '=') ++format;
    if (format[0] == 0 || format[1] != 0) return false;
    end = {SCALAR, static_cast<int>(view.itemsize), static_cast<const char *>(view.buf), 0, {false, 0, 0}};
    switch (*format) {
    case 'd': end.kind = DOUBLE; return true;
    case 'f': end.kind = SINGLE; return true;
    case 'e': end.kind = HALF_FLOAT; return true;
    case 'b': case 'h': case 'i': case 'l': case 'q': end.kind = SIGNED; return true;
    case 'B': case 'H': case 'I': case 'L': case 'Q': case '?': end.kind = UNSIGNED; return true;
    default: return false;
    }
}

// An end of lanes: a plain number, or an array of one dimension with one for each.
bool read_end(const State *state, PyObject *value, Py_ssize_t count, End &end, Buffer &buffer) {
    end = {SCALAR, 0, nullptr, 0, {false, 0, 0}};
    if (!buffer) return read_number(state, value, end.number);
    const Py_buffer &view = buffer.view;
    if (view.ndim != 1 || view.shape[0] != count || !read_format(view, end)) return false;
    end.stride = view.strides[0];
    return true;
}

constexpr int MOST_DIMENSIONS = 32;

// The dimensions of lanes.
struct Shape {
    int rank = 0;
    Py_ssize_t sizes[MOST_DIMENSIONS + 1];

    // Broadcast with that of an array, or say no.
    bool meet(const Py_buffer &view) {
        if (view.ndim > MOST_DIMENSIONS) return false;
        int more = view.ndim - rank;
        if (more > 0) {
            for (int k = rank; k-- > 0;) sizes[k + more] = sizes[k];
            for (int k = 0; k < more; ++k) sizes[k] = 1;
            rank = view.ndim;
        }
        Py_ssize_t *last = sizes + rank - view.ndim;
        for (int k = 0; k < view.ndim; ++k) {
            if (last[k] == 1) last[k] = view.shape[k];
            else if (view.shape[k] != 1 && view.shape[k] != last[k]) return false;
        }
        return true;
    }

    bool is_that_of(const Py_buffer &view) const {
        bool same = view.ndim == rank;
        for (int k = 0; same && k < rank; ++k) same = view.shape[k] == sizes[k];
        return same;
    }

    // Their number, or as many as are too many.
    i64 count() const {
        i64 all = 1;
        for (int k = 0; k < rank; ++k) {
            if (sizes[k] >= MOST_ELEMENTS) return MOST_ELEMENTS;
            all *= sizes[k];
            if (all >= MOST_ELEMENTS) return MOST_ELEMENTS;
        }
        return all;
    }
};

// A tuple of so many words.
template <class Word>
PyObject *tuple_of(int count, Word word) {
    PyObject *tuple = PyTuple_New(count);
    bool good = tuple != nullptr;
    for (int k = 0; good && k < count; ++k) {
        PyObject *value = PyLong_FromLongLong(word(k));
        good = value && PyTuple_SetItem(tuple, k, value) == 0;
    }
    if (good) return tuple;
    Py_XDECREF(tuple);
    return nullptr;
}

PyObject *empty_of(const State *state, PyObject *shape, PyObject *dtype) {
    if (shape == nullptr) return nullptr;
    PyObject *array = PyObject_CallFunctionObjArgs(state->empty, shape, dtype, nullptr);
    Py_DECREF(shape);
    return array;
}

// An array with its first axis at another place; takes the array.
PyObject *with_axis_at(PyObject *array, i64 axis, int rank) {
    if (axis == 0 || array == nullptr) return array;
    PyObject *name = PyUnicode_FromString("transpose");
    PyObject *order = tuple_of(rank, [&](int k) { return k == axis ? 0 : k < axis ? k + 1 : k; });
    PyObject *moved = name && order ? PyObject_CallMethodObjArgs(array, name, order, nullptr) : nullptr;
    Py_XDECREF(name);
    Py_XDECREF(order);
    Py_DECREF(array);
    return moved;
}

// Arguments of which one at least is NumPy's: their ends, the lanes between them, and the dtype that
// they bring.
struct Arrays {
    End ends[3];
    Buffer buffers[3];
    Shape shape;
    // The widest of their floating dtypes, by its index, and of those that integers make of shorter
    // ones beside them; of none, a larger index.
    int code = INT8_CODE, beside = INT8_CODE;

    void bring(const End &end) {
        int &widest = end.kind == SIGNED || end.kind == UNSIGNED ? beside : code;
        int brought = FLOAT64_CODE;
        if (end.kind == SINGLE || (&widest == &beside && end.bytes == 2)) brought = 1;
        if (end.kind == HALF_FLOAT || end.bytes == 1) brought = 2;
        if (brought < widest) widest = brought;
    }

    // Whether an argument is a number, or an array or scalar of NumPy's that can be read.
    bool read(const State *state, PyObject *value, int k) {
        End &end = ends[k];
        Number number;
        bool finite = false;
        if (!is_type(value, state->ndarray)) {
            finite = read_number(state, value, number);
            if (is_type(value, state->floats[FLOAT64_CODE])) code = FLOAT64_CODE;
            else if (!finite && code_of_scalar(state, value) < 0) return false;
        }
        if (!finite) {
            if (!buffers[k].open(value, READABLE) || !shape.meet(buffers[k].view)) return false;
            const Py_buffer &view = buffers[k].view;
            if (!read_format(view, end)) return false;
            if (*view.format != '?') bring(end);
            if (view.ndim) return true;
            if (!end.read(0, number)) return false;
        }
        end = {SCALAR, 8, nullptr, 8, number};
        return true;
    }

    // The numbers of an array as those of all lanes lie in memory; copied, unless they lie so.
    bool lay(const State *state, PyObject *value, int k) {
        End &end = ends[k];
        if (end.kind == SCALAR) return true;
        const Py_buffer &view = buffers[k].view;
        end.stride = view.ndim == 1 ? view.strides[0] : view.itemsize;
        if (shape.is_that_of(view) && (view.ndim == 1 || PyBuffer_IsContiguous(&view, 'C'))) return true;
        PyObject *dtype = PyObject_GetAttrString(value, "dtype");
        PyObject *copy = nullptr, *done = nullptr;
        if (dtype && shape.count() < LONG)
            copy = empty_of(state, tuple_of(shape.rank, [&](int j) { return shape.sizes[j]; }), dtype);
        if (copy) done = PyObject_CallFunctionObjArgs(state->copyto, copy, value, nullptr);
        bool good = done && buffers[k].open(copy, READABLE);
        if (good) {
            end.memory = static_cast<const char *>(view.buf);
            end.stride = view.itemsize;
        }
        Py_XDECREF(dtype);
        Py_XDECREF(copy);
        Py_XDECREF(done);
        return good;
    }
};

// The samples between ends of which one at least is NumPy's, or None.
template <class Line, class Make>
PyObject *lanes_of(const State *state, Call &call, Function function, PyObject *(&arguments)[3],
                   Make plan) {
    Arrays all;
    all.ends[2] = {SCALAR, 8, nullptr, 8, {false, TOP, 0}};
    bool good = true;
    for (int k = 0; good && k < 3; ++k) good = !arguments[k] || all.read(state, arguments[k], k);
    i64 count = all.shape.count();
    int rank = all.shape.rank + 1;
    if (call.axis < 0) call.axis += rank;
    good = good && call.axis >= 0 && call.axis < rank && count && count < MOST_ELEMENTS / call.num;
    if (good && call.dtype == nullptr && all.code < INT8_CODE) {
        call.code = all.beside < all.code ? all.beside : all.code;
        call.dtype = state->floats[call.code];
    }
    if (good && rank == 1) {
        Line line;
        if (plan(all.ends[0].number, all.ends[1].number, all.ends[2].number, call, line))
            return array_of(state, call, line);
        good = false;
    }
    for (int k = 0; good && k < 3; ++k) good = !arguments[k] || all.lay(state, arguments[k], k);
    if (!good) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    PyObject *array = empty_of(
        state, tuple_of(rank, [&](int k) { return k ? all.shape.sizes[k - 1] : call.num; }), call.dtype);
    if (array == nullptr) return nullptr;
    Left left = {nullptr, 0, 0, nullptr, 0, false, false};
    {
        Buffer memory;
        if (!memory.open(array, WRITABLE)) {
            Py_DECREF(array);
            return nullptr;
        }
        Lanes lanes = {function, all.ends[0], all.ends[1], all.ends[2], call.num, call.div, count};
        run(call.num * count, [&] { fill_lanes(lanes, memory.view.buf, FORMATS[call.code], left); });
    }
    if (left.refused == 0 && left.open == 0 && !left.overflow) return with_axis_at(array, call.axis, rank);
    Py_DECREF(array);
    Py_RETURN_NONE;
}

// What the three functions have in common; `base` is nullptr where there is none.
template <class Line, class Make>
PyObject *grid_of(PyObject *module, PyObject *const *args, Function function, PyObject *base,
                  Make plan) {
    const State *state = state_of(module);
    Call call;
    if (!read_call(state, args[2], args[3], args[4], args[5], call)) Py_RETURN_NONE;
    Number start, stop, number = {false, TOP, 0};
    PyObject *arguments[3] = {args[0], args[1], base};
    if (!read_number(state, args[0], start) || !read_number(state, args[1], stop) ||
        (base && !read_number(state, base, number)))
        return lanes_of<Line>(state, call, function, arguments, plan);
    Line line;
    if ((call.axis != 0 && call.axis != -1) || !plan(start, stop, number, call, line)) Py_RETURN_NONE;
    return array_of(state, call, line);
}

// (start, stop, num, endpoint, dtype, axis, base)
PyObject *logspace(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    if (count != 7) Py_RETURN_NONE;
    return grid_of<Powers>(
        module, args, LOGSPACE, args[6],
        [](Number start, Number stop, Number base, const Call &call, Powers &line) {
            return plan_logspace(start, stop, base, call.num, call.div, line);
        });
}

// (start, stop, num, endpoint, dtype, axis)
PyObject *geomspace(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    if (count != 6) Py_RETURN_NONE;
    return grid_of<Powers>(module, args, GEOMSPACE, nullptr,
                           [](Number start, Number stop, Number, const Call &call, Powers &line) {
                               return plan_geomspace(start, stop, call.num, call.div, line);
                           });
}

bool is_complex(const State *state, PyObject *value) {
    return Py_TYPE(value) == &PyComplex_Type || is_type(value, state->complexes[0]);
}

// The real and the imaginary part of a number of Python's, or of NumPy's longest types.
bool read_parts(const State *state, PyObject *value, Number (&parts)[2]) {
    if (!is_complex(state, value)) {
        parts[1] = {false, 0, 0};
        return read_number(state, value, parts[0]);
    }
    double real = PyComplex_RealAsDouble(value), imag = PyComplex_ImagAsDouble(value);
    parts[0] = number_of(real);
    parts[1] = number_of(imag);
    return is_finite(real) && is_finite(imag);
}

// A linspace between complex numbers, or None: its parts are grids of their own.
PyObject *complex_linspace(const State *state, PyObject *const *args) {
    Call call;
    Number start[2], stop[2];
    if (!read_call(state, args[2], args[3], Py_None, args[5], call) || (call.axis != 0 && call.axis != -1) ||
        !read_parts(state, args[0], start) || !read_parts(state, args[1], stop))
        Py_RETURN_NONE;
    if (args[4] == state->complexes[1]) call.code = FLOAT64_CODE + 1;
    else if (args[4] != Py_None && args[4] != state->complexes[0] &&
             args[4] != reinterpret_cast<PyObject *>(&PyComplex_Type))
        Py_RETURN_NONE;
    Sums lines[2];
    for (int k = 0; k < 2; ++k)
        if (!plan_linspace(start[k], stop[k], call.num, call.div, lines[k])) Py_RETURN_NONE;
    PyObject *array = empty_of(state, PyLong_FromLongLong(call.num), state->complexes[call.code]);
    if (array == nullptr) return nullptr;
    Buffer memory(array, WRITABLE);
    bool good = static_cast<bool>(memory);
    for (int k = 0; good && k < 2; ++k) {
        const Format &fmt = FORMATS[call.code];
        Output out = {static_cast<char *>(memory.view.buf) + k * fmt.bytes, 2, fmt, nullptr, 0, 0, false};
        run(call.num, [&] { fill(lines[k], out); });
        good = out.open == 0;
    }
    if (good) return array;
    Py_DECREF(array);
    if (PyErr_Occurred()) return nullptr;
    Py_RETURN_NONE;
}

// (start, stop, num, endpoint, dtype, axis)
PyObject *linspace(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    if (count != 6) Py_RETURN_NONE;
    const State *state = state_of(module);
    if (is_complex(state, args[0]) || is_complex(state, args[1])) return complex_linspace(state, args);
    return grid_of<Sums>(module, args, LINSPACE, nullptr,
                         [](Number start, Number stop, Number, const Call &call, Sums &line) {
                             return plan_linspace(start, stop, call.num, call.div, line);
                         });
}

// (start, stop, num, endpoint): the step of a linspace between numbers, as a float, or None.
PyObject *step(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    const State *state = state_of(module);
    Call call;
    Number start, stop;
    Sums line;
    if (count != 4 || !read_num(state, args[2], args[3], call) || !read_number(state, args[0], start) ||
        !read_number(state, args[1], stop) || !plan_linspace(start, stop, call.num, call.div, line))
        Py_RETURN_NONE;
    if (call.num == 1 && args[3] == Py_True) Py_RETURN_NONE;
    line.first = {0, 0};
    Rounded found = round_sum(line, 1, FORMATS[FLOAT64_CODE]);
    if (found.state != DONE) Py_RETURN_NONE;
    return PyFloat_FromDouble(from_bits(found.bits));
}

// A bound of an arange: a number of Python's, or an integer of NumPy's; whether it is an integer.
bool read_bound(const State *state, PyObject *value, Number &x, bool &whole) {
    if (Py_TYPE(value) == &PyBool_Type) return false;
    if (read_number(state, value, x)) {
        whole = whole && Py_TYPE(value) == &PyLong_Type;
        return true;
    }
    if (code_of_scalar(state, value) < INT8_CODE || Py_TYPE(value) == &PyLong_Type) return false;
    PyObject *index = PyNumber_Index(value);
    bool good = index && read_number(state, index, x);
    PyErr_Clear();
    Py_XDECREF(index);
    return good;
}

// (start, stop, step, dtype), or (stop, None, step, dtype)
PyObject *arange(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    const State *state = state_of(module);
    Call call = {0, 1, 0, FLOAT64_CODE, nullptr};
    Number start = {false, 0, 0}, stop, step;
    Sums line;
    bool whole = true;
    bool good = count == 4;
    if (good && args[1] == Py_None) good = read_bound(state, args[0], stop, whole);
    else good = good && read_bound(state, args[0], start, whole) && read_bound(state, args[1], stop, whole);
    if (!good || !read_bound(state, args[2], step, whole) || !plan_arange(start, stop, step, line))
        Py_RETURN_NONE;
    PyObject *dtype = args[3];
    if (dtype == Py_None && whole) dtype = reinterpret_cast<PyObject *>(&PyLong_Type);
    if (!read_dtype(state, dtype, call)) Py_RETURN_NONE;
    call.num = line.num;
    return array_of(state, call, line);
}

// Words of a tuple of integers, negative ones in two's complement.
template <int COUNT>
bool read_words(PyObject *tuple, u64 (&words)[COUNT]) {
    if (!PyTuple_Check(tuple) || PyTuple_Size(tuple) != COUNT) {
        PyErr_Format(PyExc_TypeError, "wanted a tuple of %d integers", COUNT);
        return false;
    }
    for (int k = 0; k < COUNT; ++k) {
        words[k] = PyLong_AsUnsignedLongLongMask(PyTuple_GetItem(tuple, k));
        if (PyErr_Occurred()) return false;
    }
    return true;
}

bool is_aligned(const Py_buffer &view, int bytes) {
    return reinterpret_cast<uintptr_t>(view.buf) % static_cast<uintptr_t>(bytes) == 0;
}

bool is_function(long function) {
    bool good = function >= LOGSPACE && function <= LINSPACE;
    if (!good) PyErr_SetString(PyExc_ValueError, "there is no function of this number");
    return good;
}

// Whether there are derivatives of a function by an end, in a format, or it says `ELEMENTS`.
bool is_end(long by, long function, long code) {
    bool is_real = code >= 0 && code <= BFLOAT16_CODE;
    bool good = by == ELEMENTS || (is_real && by >= BY_START && by <= (function == LOGSPACE ? BY_BASE : BY_STOP));
    if (!good) PyErr_SetString(PyExc_ValueError, "there are no derivatives by an end of this number");
    return good;
}

// Whether memory is that of so many elements, and where indices go is memory of words.
bool is_format(long code, const Buffer &out, i64 num, const Buffer &places) {
    bool good = code >= 0 && code < FORMAT_COUNT && num >= 0 && num < MOST_ELEMENTS &&
                out.view.len == num * FORMATS[code].bytes &&
                is_aligned(out.view, FORMATS[code].bytes) && is_aligned(places.view, 8);
    if (!good) PyErr_SetString(PyExc_ValueError, "the memory does not fit the format and the length");
    return good;
}

// Whether exponents in base two are far from the end of a word.
template <class... Words>
bool are_exponents(Words... words) {
    constexpr u64 MOST = ONE << 41;
    bool good = ((words + MOST < 2 * MOST) && ...);
    if (!good) PyErr_SetString(PyExc_ValueError, "an exponent is out of range");
    return good;
}

template <class Line>
PyObject *fill_memory(const Line &line, long code, const Buffer &memory, const Buffer &places) {
    if (line.num == 0) return PyLong_FromLong(0);
    Output out = {
        memory.view.buf,
        1,
        FORMATS[code],
        static_cast<i64 *>(places.view.buf),
        static_cast<i64>(places.view.len / 8),
        0,
        false,
    };
    run(line.num, [&] { fill(line, out); });
    return PyLong_FromLongLong(out.beyond ? -1 : out.open);
}

// (out, format, num, scale, start, step, places): elements
// scale * 2**(start + i*step), a scale of (upper word, lower word, exponent) and logarithms of
// (whole, upper word, lower word); how many are open, the first of them in places, or -1 if one
// is beyond an integer format.
PyObject *powers(PyObject *, PyObject *const *args, Py_ssize_t count) {
    if (count != 7) {
        PyErr_SetString(PyExc_TypeError, "wanted 7 arguments");
        return nullptr;
    }
    long code = PyLong_AsLong(args[1]);
    i64 num = PyLong_AsLongLong(args[2]);
    u64 scale[3], start[3], step[3];
    if (PyErr_Occurred() || !read_words(args[3], scale) || !read_words(args[4], start) ||
        !read_words(args[5], step))
        return nullptr;
    Buffer memory(args[0], WRITABLE), places(args[6], WRITABLE);
    if (!memory || !places || !is_format(code, memory, num, places)) return nullptr;
    if (!are_exponents(scale[2], start[0], step[0])) return nullptr;
    Power factor = {{scale[0], scale[1]}, static_cast<i64>(scale[2])};
    Power first = exp2({static_cast<i64>(start[0]), {start[1], start[2]}});
    Power ratio = exp2({static_cast<i64>(step[0]), {step[1], step[2]}});
    Powers line = {times(factor, first), ratio, num, false, UNKNOWN};
    return fill_memory(line, code, memory, places);
}

// (out, format, num, unit, first, step, fractions, places): elements
// first + i*step + (first_rest + i*rest)/den in units of 2**unit, integers of (upper word, lower
// word) and fractions of (first_rest, rest, den); the same result.
PyObject *sums(PyObject *, PyObject *const *args, Py_ssize_t count) {
    if (count != 8) {
        PyErr_SetString(PyExc_TypeError, "wanted 8 arguments");
        return nullptr;
    }
    long code = PyLong_AsLong(args[1]);
    i64 num = PyLong_AsLongLong(args[2]), unit = PyLong_AsLongLong(args[3]);
    u64 first[2], step[2], fractions[3];
    if (PyErr_Occurred() || !read_words(args[4], first) || !read_words(args[5], step) ||
        !read_words(args[6], fractions))
        return nullptr;
    Buffer memory(args[0], WRITABLE), places(args[7], WRITABLE);
    if (!memory || !places || !is_format(code, memory, num, places)) return nullptr;
    if (!are_exponents(static_cast<u64>(unit))) return nullptr;
    if (fractions[2] == 0) {
        PyErr_SetString(PyExc_ZeroDivisionError, "the denominator of the fractions is zero");
        return nullptr;
    }
    Sums line = {
        {first[0], first[1]}, {step[0], step[1]}, fractions[0], fractions[1], fractions[2], unit, num,
    };
    return fill_memory(line, code, memory, places);
}

// (out, format, function, by, num, div, start, stop, base, places, lanes): samples of all lanes, or
// derivatives by one of the ends, along the first axis of out; (how many elements are open, how many
// lanes are refused), the first in places and all of the second in lanes; or None if an end is not
// plain.
PyObject *lanes(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    if (count != 11) {
        PyErr_SetString(PyExc_TypeError, "wanted 11 arguments");
        return nullptr;
    }
    const State *state = state_of(module);
    long code = PyLong_AsLong(args[1]), function = PyLong_AsLong(args[2]), by = PyLong_AsLong(args[3]);
    i64 num = PyLong_AsLongLong(args[4]), div = PyLong_AsLongLong(args[5]);
    if (PyErr_Occurred()) return nullptr;
    Buffer memory(args[0], WRITABLE), places(args[9], WRITABLE), refused(args[10], WRITABLE);
    if (!memory || !places || !refused) return nullptr;
    i64 width = static_cast<i64>(refused.view.len / 8);
    if (!is_function(function) || !is_end(by, function, code)) return nullptr;
    if (num < 1 || div < num - 1 || div < 1 || div >= MOST_ELEMENTS || width >= MOST_ELEMENTS)
        Py_RETURN_NONE;
    if (!is_format(code, memory, num * width, places) || !is_format(code, memory, num * width, refused))
        return nullptr;
    Buffer start(args[6], READABLE);
    PyErr_Clear();
    Buffer stop(args[7], READABLE);
    PyErr_Clear();
    Buffer base(args[8], READABLE);
    PyErr_Clear();
    Lanes all;
    all.function = static_cast<Function>(function);
    all.by = static_cast<int>(by);
    all.num = num;
    all.div = div;
    all.count = width;
    if (!read_end(state, args[6], width, all.start, start) ||
        !read_end(state, args[7], width, all.stop, stop) ||
        !read_end(state, args[8], width, all.base, base))
        Py_RETURN_NONE;
    Left left = {
        static_cast<i64 *>(places.view.buf), static_cast<i64>(places.view.len / 8), 0,
        static_cast<i64 *>(refused.view.buf), 0, false, false,
    };
    run(num * width, [&] { fill_lanes(all, memory.view.buf, FORMATS[code], left); });
    if (left.overflow) Py_RETURN_NONE;
    return Py_BuildValue("LL", left.open, left.refused);
}

// An end of `samples`: a plain number, or where it lies, as (format, address, bytes from one lane
// to the next).
bool read_place(const State *state, PyObject *value, End &end) {
    end = {SCALAR, 0, nullptr, 0, {false, 0, 0}};
    if (!PyTuple_Check(value)) return read_number(state, value, end.number);
    u64 words[3];
    if (!read_words(value, words)) return false;
    if (words[0] >= static_cast<u64>(FORMAT_COUNT) || words[1] == 0) return false;
    const Format &fmt = FORMATS[words[0]];
    end.kind = kind_of(fmt);
    end.bytes = fmt.bytes;
    end.memory = reinterpret_cast<const char *>(static_cast<uintptr_t>(words[1]));
    end.stride = static_cast<i64>(words[2]);
    return true;
}

// A grid of the function, or no.
bool fill_grid(Function function, const End (&ends)[3], const Call &call, void *memory) {
    Number start = ends[0].number, stop = ends[1].number, base = ends[2].number;
    if (function == LINSPACE) {
        Sums line;
        return plan_linspace(start, stop, call.num, call.div, line) &&
               is_filled(line, memory, call.code);
    }
    Powers line;
    bool plain = function == LOGSPACE
                     ? plan_logspace(start, stop, base, call.num, call.div, line)
                     : plan_geomspace(start, stop, call.num, call.div, line);
    return plain && is_filled(line, memory, call.code);
}

// The ends of so many lanes; those that are the same for all are numbers.
bool read_places(const State *state, PyObject *const *args, i64 width, End (&ends)[3]) {
    for (int k = 0; k < 3; ++k) {
        if (!read_place(state, args[k], ends[k])) return false;
        if (width > 1 && ends[k].stride != 0) continue;
        if (!ends[k].read(0, ends[k].number)) return false;
        ends[k].kind = SCALAR;
    }
    return true;
}

// (address, format, function, by, num, endpoint, width, start, stop, base): the samples of so many
// lanes, or derivatives by one of the ends, into memory of the caller, which holds them all, and
// whether they are made.
PyObject *samples(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    if (count != 10) {
        PyErr_SetString(PyExc_TypeError, "wanted 10 arguments");
        return nullptr;
    }
    const State *state = state_of(module);
    void *memory = PyLong_AsVoidPtr(args[0]);
    long code = PyLong_AsLong(args[1]), number = PyLong_AsLong(args[2]), by = PyLong_AsLong(args[3]);
    i64 width = PyLong_AsLongLong(args[6]);
    if (PyErr_Occurred() || !is_function(number)) return nullptr;
    if (code < 0 || code >= FORMAT_COUNT) Py_RETURN_FALSE;
    if (!is_end(by, number, code)) return nullptr;
    Function function = static_cast<Function>(number);
    Call call;
    if (memory == nullptr || !read_num(state, args[4], args[5], call)) Py_RETURN_FALSE;
    if (width < 1 || width >= MOST_ELEMENTS / call.num) Py_RETURN_FALSE;
    call.code = static_cast<int>(code);
    End ends[3];
    if (!read_places(state, args + 7, width, ends)) {
        if (PyErr_Occurred()) return nullptr;
        Py_RETURN_FALSE;
    }
    if (width == 1 && by == ELEMENTS) return PyBool_FromLong(fill_grid(function, ends, call, memory));
    Left left = {nullptr, 0, 0, nullptr, 0, false, false};
    Lanes lanes = {function, ends[0], ends[1], ends[2], call.num, call.div, width,
                   static_cast<int>(by)};
    run(call.num * width, [&] { fill_lanes(lanes, memory, FORMATS[call.code], left); });
    return PyBool_FromLong(left.refused == 0 && left.open == 0 && !left.overflow);
}

using Fast = PyObject *(*)(PyObject *, PyObject *const *, Py_ssize_t);

PyCFunction plain(Fast function) {
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef METHODS[] = {
    {"logspace", plain(logspace), METH_FASTCALL, nullptr},
    {"geomspace", plain(geomspace), METH_FASTCALL, nullptr},
    {"linspace", plain(linspace), METH_FASTCALL, nullptr},
    {"arange", plain(arange), METH_FASTCALL, nullptr},
    {"step", plain(step), METH_FASTCALL, nullptr},
    {"powers", plain(powers), METH_FASTCALL, nullptr},
    {"sums", plain(sums), METH_FASTCALL, nullptr},
    {"lanes", plain(lanes), METH_FASTCALL, nullptr},
    {"samples", plain(samples), METH_FASTCALL, nullptr},
    {"xla_handler", xla_handler, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

// The index of a format for every way to spell a dtype that needs no other reading.
bool add_codes(State *state, PyObject *numpy) {
    PyObject *dtype = PyObject_GetAttrString(numpy, "dtype");
    bool good = dtype != nullptr;
    for (int code = 0; good && code < FORMAT_COUNT; ++code) {
        if (code == BFLOAT16_CODE) continue;
        PyObject *type = PyObject_GetAttrString(numpy, NAMES[code]);
        PyObject *value = PyLong_FromLong(code);
        PyObject *instance = type ? PyObject_CallFunctionObjArgs(dtype, type, nullptr) : nullptr;
        good = instance && value && PyDict_SetItem(state->codes, type, value) == 0 &&
               PyDict_SetItem(state->codes, instance, value) == 0;
        if (good && code == FLOAT64_CODE)
            good = PyDict_SetItem(state->codes, reinterpret_cast<PyObject *>(&PyFloat_Type), value) == 0;
        if (good && code == INT64_CODE)
            good = PyDict_SetItem(state->codes, reinterpret_cast<PyObject *>(&PyLong_Type), value) == 0;
        // As text: its name, and that of its kind and size, "f4".
        PyObject *text = good ? PyObject_GetAttrString(instance, "str") : nullptr;
        PyObject *end = text ? PyUnicode_Substring(text, 1, 3) : nullptr;
        good = end && PyDict_SetItem(state->codes, end, value) == 0 &&
               PyDict_SetItemString(state->codes, NAMES[code], value) == 0;
        Py_XDECREF(text);
        Py_XDECREF(end);
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(instance);
    }
    Py_XDECREF(dtype);
    return good;
}

int execute(PyObject *module) {
    State *state = state_of(module);
    PyObject *numpy = PyImport_ImportModule("numpy");
    if (numpy == nullptr) return -1;
    state->empty = PyObject_GetAttrString(numpy, "empty");
    state->copyto = PyObject_GetAttrString(numpy, "copyto");
    state->ndarray = PyObject_GetAttrString(numpy, "ndarray");
    state->codes = PyDict_New();
    bool good = state->empty && state->copyto && state->ndarray && state->codes && add_codes(state, numpy);
    for (int code = 0; good && code < 3; ++code) {
        state->floats[code] = PyObject_GetAttrString(numpy, NAMES[code]);
        good = state->floats[code] != nullptr;
    }
    state->complexes[0] = PyObject_GetAttrString(numpy, "complex128");
    state->complexes[1] = PyObject_GetAttrString(numpy, "complex64");
    good = good && state->complexes[0] && state->complexes[1];
    Py_DECREF(numpy);
    return good ? 0 : -1;
}

int traverse(PyObject *module, visitproc visit, void *arg) {
    State *state = state_of(module);
    Py_VISIT(state->empty);
    Py_VISIT(state->copyto);
    Py_VISIT(state->ndarray);
    Py_VISIT(state->codes);
    for (PyObject *type : state->floats) Py_VISIT(type);
    for (PyObject *type : state->complexes) Py_VISIT(type);
    return 0;
}

int clear(PyObject *module) {
    State *state = state_of(module);
    Py_CLEAR(state->empty);
    Py_CLEAR(state->copyto);
    Py_CLEAR(state->ndarray);
    Py_CLEAR(state->codes);
    for (PyObject *&type : state->floats) Py_CLEAR(type);
    for (PyObject *&type : state->complexes) Py_CLEAR(type);
    return 0;
}

void release(void *module) { clear(static_cast<PyObject *>(module)); }

// Nothing here is shared by interpreters or guarded by a lock: what the module keeps is in its
// state and is never changed, and calls have memory of their own.
PyModuleDef_Slot SLOTS[] = {
    {Py_mod_exec, reinterpret_cast<void *>(execute)},
#if defined(Py_mod_multiple_interpreters)
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if defined(Py_mod_gil)
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, nullptr},
};

PyModuleDef DEFINITION = {
    PyModuleDef_HEAD_INIT, "_native", nullptr, sizeof(State), METHODS, SLOTS, traverse, clear,
    release,
};

}  // namespace

PyMODINIT_FUNC PyInit__native() { return PyModuleDef_Init(&DEFINITION); }
