/* Scores come in, probabilities go out, number for number those of `decision.Sigmoid`; topics are unknown here. */
#ifndef KERNEL_CURVES_H
#define KERNEL_CURVES_H

#include "_kernel_base.h"

typedef struct { double below, above, intercept; } sigmoid;

typedef struct {
    PyObject_HEAD
    sigmoid *curves;
    Py_ssize_t count;
} Sigmoids;

static const double FAR = 700.0; /* as in `decision` */

static double probability(sigmoid s, double score) {
    const double above = score < FAR ? log1p(exp(score)) : score;
    const double z = s.above * above - s.below * (above - score) + s.intercept;
    return z > -FAR ? 1.0 / (1.0 + exp(-z)) : 0.0;
}

/* probabilities(scores) -> the probability of each score by its own curve */
static PyObject *Sigmoids_probabilities(PyObject *self, PyObject *scores) {
    const Sigmoids *k = (const Sigmoids *)self;
    if (!PyList_Check(scores) || PyList_Size(scores) != k->count) { wrong("scores are a list of one a curve"); return NULL; }
    PyObject *list = PyList_New(k->count);
    for (Py_ssize_t i = 0; list && i < k->count; i++) {
        PyObject *item = PyList_GetItem(scores, i), *found = NULL; /* of a float the value is read, and no code of its own runs */
        if (item && PyFloat_Check(item)) found = PyFloat_FromDouble(probability(k->curves[i], PyFloat_AsDouble(item)));
        else if (item) PyErr_SetString(PyExc_TypeError, "a score is a float");
        if (!found) { Py_DECREF(list); return NULL; }
        PyList_SetItem(list, i, found);
    }
    return list;
}

/* Sigmoids(three doubles a curve: below, above, intercept) */
static PyObject *Sigmoids_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    const char *bytes;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "y#", &bytes, &length)) return NULL;
    if (length % (Py_ssize_t)sizeof(sigmoid)) { wrong("a curve has three numbers"); return NULL; }
    Sigmoids *k = new_object(type, keywords);
    if (!k) return NULL;
    k->count = length / (Py_ssize_t)sizeof(sigmoid);
    if (!(k->curves = malloc((size_t)length + 1))) { Py_DECREF(k); return PyErr_NoMemory(); }
    memcpy(k->curves, bytes, (size_t)length);
    return (PyObject *)k;
}

static void Sigmoids_dealloc(PyObject *self) {
    free(((Sigmoids *)self)->curves);
    free_object(self);
}

static PyMethodDef sigmoids_methods[] = {
    {"probabilities", Sigmoids_probabilities, METH_O, "probabilities(scores): one a curve."}, {NULL, NULL, 0, NULL}};
static PyType_Slot sigmoids_slots[] = {{Py_tp_new, Sigmoids_new},
                                       {Py_tp_dealloc, Sigmoids_dealloc},
                                       {Py_tp_methods, sigmoids_methods},
                                       {Py_tp_doc, "Curves from scores to probabilities; see decision."},
                                       {0, NULL}};
static PyType_Spec sigmoids_spec = {"classifier._kernel.Sigmoids", sizeof(Sigmoids), 0, Py_TPFLAGS_DEFAULT, sigmoids_slots};

#endif
