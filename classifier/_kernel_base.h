/* What the whole kernel stands on: room that grows, spans, and the objects of its types; texts are unknown here. */
#ifndef KERNEL_BASE_H
#define KERNEL_BASE_H

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the tables are little-endian; the plain Python path serves other machines"
#endif

/* Wider registers give the same sums, faster; which there are is known where the kernel runs, not where it is built, so a
 * function that profits is there once for each. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#define BYTE_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#define BYTE_CLONES
#endif

#ifdef EXACT_ROOM /* for sanitizers, which see a step beyond a room only where it ends: none to spare in small ones, none kept */
enum { EXACT = 4096, KEPT = 0 };
#else
enum { EXACT = 0, KEPT = 1 << 20 };
#endif

typedef struct { int64_t start, end; } span;
typedef struct { span *items; int64_t count, room; } spans;
typedef struct { uint64_t *items; int64_t count, room; } keys;

/* Make room for `wanted` items of a size, and some to spare; what is there stays. -1 if there is no memory. */
static int grow(void *items, int64_t *room, int64_t wanted, size_t size) {
    if (wanted <= *room) return 0;
    if (wanted > EXACT) wanted *= 2;
    void *larger = realloc(*(void **)items, (size_t)wanted * size);
    if (!larger) return -1;
    *(void **)items = larger, *room = wanted;
    return 0;
}

static inline int add_span(spans *list, int64_t start, int64_t end) {
    if (list->count == list->room && grow(&list->items, &list->room, list->count + 32, sizeof(span))) return -1;
    list->items[list->count++] = (span){start, end};
    return 0;
}

/* A new object of a type, all zeros; NULL with an error set if keywords were given: these types take none. */
static void *new_object(PyTypeObject *type, PyObject *keywords) {
    if (keywords && PyDict_Size(keywords)) {
        PyErr_SetString(PyExc_TypeError, "this type takes no keywords");
        return NULL;
    }
    return ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
}

/* What is left to do when all that an object holds is free. */
static void free_object(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static int wrong(const char *what) { PyErr_Format(PyExc_ValueError, "%s", what); return -1; }

/* Borrow the buffers in a tuple; -1 with an error set. Any other sequence might make its items anew, and they would be gone. */
static int take_buffers(PyObject *tuple, Py_ssize_t count, Py_buffer *buffers, int *held) {
    if (!PyTuple_CheckExact(tuple) || PyTuple_Size(tuple) != count) {
        PyErr_SetString(PyExc_TypeError, "the tables are a tuple of another length, or none");
        return -1;
    }
    for (; *held < count; ++*held)
        if (PyObject_GetBuffer(PyTuple_GetItem(tuple, *held), &buffers[*held], PyBUF_SIMPLE)) return -1;
    return 0;
}

static span *read_spans(PyObject *list, int64_t length, int64_t *count) {
    *count = PyList_Check(list) ? PyList_Size(list) : -1;
    if (*count < 0) { PyErr_SetString(PyExc_TypeError, "own spans are a list"); return NULL; }
    span *found = malloc(((size_t)*count + 1) * sizeof *found);
    if (!found) { PyErr_NoMemory(); return NULL; }
    int64_t last = 0;
    for (int64_t i = 0; i < *count; i++) {
        long long start, end;
        PyObject *pair = PyList_GetItem(list, (Py_ssize_t)i);
        Py_XINCREF(pair); /* a number may run code of its own, which may empty the list */
        int sound = pair && PyTuple_Check(pair) && PyArg_ParseTuple(pair, "LL", &start, &end);
        Py_XDECREF(pair);
        if (!sound) {
            if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "a span is a pair of numbers");
            free(found);
            return NULL;
        }
        if (start < last || end < start || end > length) { wrong("spans that are not in order"); free(found); return NULL; }
        last = end, found[i] = (span){start, end};
    }
    return found;
}

/* (start, end), or None for a span that begins nowhere */
static PyObject *pair_of(span s) {
    if (s.start < 0) { Py_INCREF(Py_None); return Py_None; }
    PyObject *pair = PyTuple_New(2), *start = PyLong_FromLongLong(s.start), *end = PyLong_FromLongLong(s.end);
    if (!pair || !start || !end) { Py_XDECREF(pair); Py_XDECREF(start); Py_XDECREF(end); return NULL; }
    PyTuple_SetItem(pair, 0, start), PyTuple_SetItem(pair, 1, end);
    return pair;
}

#endif
