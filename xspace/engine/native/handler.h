// The handler that XLA calls, and what of it is Python: elements that the engine leaves open.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <atomic>
#include <cstdio>

#include "xla.h"

namespace xspace {

// The function that settles what is open, which lives as long as the process: programs of XLA call
// the handler without a module that could keep it.
inline std::atomic<PyObject *> settler{nullptr};

inline void *failure(const xla::Frame *frame, const char *message, int code) {
    xla::Failure given = {sizeof(xla::Failure), nullptr, message, code};
    return frame->api->fail(&given);
}

inline PyObject *memory_view(const void *memory, i64 bytes, int flags) {
    static char nothing = 0;
    char *place = static_cast<char *>(const_cast<void *>(memory));
    return PyMemoryView_FromMemory(bytes ? place : &nothing, static_cast<Py_ssize_t>(bytes), flags);
}

// An array as its memory and its shape.
inline PyObject *view_of(const xla::Array &array, int bytes, int flags) {
    i64 count = 1;
    PyObject *shape = PyTuple_New(static_cast<Py_ssize_t>(array.rank));
    bool good = shape != nullptr;
    for (i64 k = 0; good && k < array.rank; ++k) {
        PyObject *size = PyLong_FromLongLong(array.shape[k]);
        good = size && PyTuple_SetItem(shape, static_cast<Py_ssize_t>(k), size) == 0;
        count *= array.shape[k];
    }
    PyObject *memory = good ? memory_view(array.memory, count * bytes, flags) : nullptr;
    PyObject *view = memory ? PyTuple_Pack(2, memory, shape) : nullptr;
    Py_XDECREF(memory);
    Py_XDECREF(shape);
    return view;
}

inline PyObject *arguments_of(const Program &call) {
    const xla::Arrays &given = call.frame->arguments;
    PyObject *arguments = PyList_New(0);
    i64 argument = 0;
    bool good = arguments != nullptr;
    for (int k = 0; good && k < ENDS; ++k) {
        i64 kind = call.plan[6 + 4 * k];
        if (kind < 0) continue;
        PyObject *view = view_of(*given.arrays[argument++], FORMATS[kind].bytes, PyBUF_READ);
        good = view && PyList_Append(arguments, view) == 0;
        Py_XDECREF(view);
    }
    if (good) return arguments;
    Py_XDECREF(arguments);
    return nullptr;
}

// Call the function of Python; its error as a message, if there is one.
inline bool settle(const Program &call, char *message, int room) {
    PyObject *arguments = arguments_of(call), *out = view_of(*call.out, call.fmt.bytes, PyBUF_WRITE);
    PyObject *plan = memory_view(call.plan, 8 * PLAN_WORDS, PyBUF_READ);
    PyObject *text = PyUnicode_FromStringAndSize(call.text.first, static_cast<Py_ssize_t>(call.text.length));
    PyObject *places = memory_view(call.places, 8 * call.open_count, PyBUF_READ);
    PyObject *lanes = memory_view(call.refusals, 8 * call.refused_count, PyBUF_READ);
    PyObject *done = nullptr;
    if (arguments && out && plan && text && places && lanes)
        done = PyObject_CallFunctionObjArgs(settler.load(), plan, text, arguments, out, places, lanes, nullptr);
    if (done == nullptr) {
        PyObject *type, *value, *trace;
        PyErr_Fetch(&type, &value, &trace);
        PyObject *words = value ? PyObject_Str(value) : nullptr;
        const char *letters = words ? PyUnicode_AsUTF8AndSize(words, nullptr) : nullptr;
        std::snprintf(message, static_cast<size_t>(room), "xspace: %s", letters ? letters : "an error without a message");
        PyErr_Clear();
        Py_XDECREF(words);
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(trace);
    }
    PyObject *objects[] = {arguments, out, plan, text, places, lanes};
    for (PyObject *object : objects) Py_XDECREF(object);
    bool good = done != nullptr;
    Py_XDECREF(done);
    return good;
}

inline void *handle(xla::Frame *frame) {
    for (xla::Extension *found = frame->extensions; found; found = found->next)
        if (found->kind == xla::METADATA) {
            xla::Metadata *metadata = reinterpret_cast<xla::MetadataExtension *>(found)->metadata;
            metadata->version.major = xla::MAJOR;
            metadata->version.minor = xla::MINOR;
            metadata->traits = 0;
            return nullptr;
        }
    if (frame->stage != xla::EXECUTE) return nullptr;
    Environment standard;
    Program call;
    const char *error = read_program(frame, call);
    if (error) return failure(frame, error, xla::INVALID_ARGUMENT);
    if (call.size() == 0 || call.lanes.num == 0) return nullptr;
    fill_program(call);
    if (call.open_count == 0 && call.refused_count == 0) return nullptr;
    if (!Py_IsInitialized() || settler.load() == nullptr)
        return failure(frame, "xspace: Python is gone, which settles open elements", xla::INTERNAL);
    char message[512];
    PyGILState_STATE lock = PyGILState_Ensure();
    bool good = settle(call, message, sizeof message);
    PyGILState_Release(lock);
    return good ? nullptr : failure(frame, message, xla::INTERNAL);
}

// (settler): the handler as a capsule, and what it calls for open elements from now on.
inline PyObject *xla_handler(PyObject *, PyObject *function) {
    Py_INCREF(function);
    Py_XDECREF(settler.exchange(function));
    return PyCapsule_New(reinterpret_cast<void *>(handle), nullptr, nullptr);
}

}  // namespace xspace
