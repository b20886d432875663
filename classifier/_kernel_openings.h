/* A page's text comes in, the lines that are worth a look go out, for `furniture`: nearly all are told by how they begin and end. */
#ifndef KERNEL_OPENINGS_H
#define KERNEL_OPENINGS_H

#include "_kernel_text.h"

typedef struct {
    uint64_t *words; /* keys of first words, in a hash table with 0 for an empty slot */
    uint64_t mask;
    character *marks; /* what separates words, beside ASCII */
    int64_t mark_count, longest, reach, rule;
} openings;

typedef struct {
    PyObject_HEAD
    openings openings;
    PyObject *isascii;
} Openings;

static int is_opening(const openings *o, uint64_t key) {
    uint64_t p = key & o->mask;
    while (o->words[p] && o->words[p] != key) p = (p + 1) & o->mask;
    return o->words[p] != 0;
}

static int is_mark(const openings *o, character c) {
    for (int64_t i = 0; i < o->mark_count; i++) if (o->marks[i] == c) return 1;
    return 0;
}

/* Whether a line may be one that is looked for; no only where that is certain. `t` is not looked at in ASCII. */
static int may_open(const openings *o, const in_hand *h, int64_t start, int64_t end) {
    const character *t = h->text;
    const uint8_t *bytes = h->bytes, *narrow = h->narrow;
    const size_t length = (size_t)(end - start);
    if (!length || end - start > o->longest) return 0;
    if (bytes[end - 1] == '.' && !memchr(bytes + start, ':', length)) return 0;
    const int64_t reach = end - start > o->reach ? start + o->reach : end;
    int64_t at = start;
    while (at < end && (narrow[at] == 0 || (narrow[at] == ASK && is_mark(o, t[at])))) at++;
    if (at == end) return end - start >= o->rule;
    const int64_t first = at;
    while (at < reach && narrow[at] && narrow[at] != ASK) at++;
    if (at == first || (at == reach && reach < end)) return 1; /* it begins with what is not ASCII, or goes on beyond reach */
    if (at < end && narrow[at] == ASK && !is_mark(o, t[at])) return 1;
    return is_opening(o, text_key(narrow + first, at - first));
}

/* The next line from `start` to `length` of the text in hand that may be one that is looked for; it begins nowhere if there is
 * none. */
static span next_opening(const openings *o, const in_hand *h, int64_t start, int64_t length) {
    for (int64_t end; start < length; start = end + 1) {
        const uint8_t *feed = memchr(h->bytes + start, '\n', (size_t)(length - start));
        end = feed ? feed - h->bytes : length;
        if (may_open(o, h, start, end)) return (span){start, end};
    }
    return (span){-1, -1};
}

/* lines(text) -> the spans of the lines that may be looked for */
static PyObject *Openings_lines(PyObject *self, PyObject *text) {
    const Openings *o = (const Openings *)self;
    const reading question = {.isascii = o->isascii};
    in_hand h = {0};
    const int64_t length = copy_text(&question, text, 0, &h);
    PyObject *list = length < 0 ? NULL : PyList_New(0);
    for (span line = {0, -1}; list && (line = next_opening(&o->openings, &h, line.end + 1, length)).start >= 0;) {
        PyObject *pair = pair_of(line);
        if (!pair || PyList_Append(list, pair)) { Py_DECREF(list); list = NULL; }
        Py_XDECREF(pair);
    }
    forget_text(&h);
    return list;
}

static void close_openings(openings *o) {
    free(o->words);
    PyMem_Free(o->marks);
}

/* From (first words joined by newlines, marks, the longest line, how far a first word may reach, the shortest line without). */
static int open_openings(openings *o, PyObject *given) {
    const char *words;
    Py_ssize_t length;
    PyObject *marks;
    long long longest, reach, rule;
    if (!PyTuple_CheckExact(given)) { PyErr_SetString(PyExc_TypeError, "what is looked for is a tuple"); return -1; }
    if (!PyArg_ParseTuple(given, "y#ULLL", &words, &length, &marks, &longest, &reach, &rule)) return -1;
    uint64_t size = 4;
    for (Py_ssize_t i = 0; i < length; i++) size += words[i] == '\n' ? 4 : 0; /* four slots a word: all but few are told at once */
    for (o->mask = 1; o->mask < size; o->mask *= 2);
    o->longest = longest, o->reach = reach, o->rule = rule;
    o->mark_count = PyUnicode_GetLength(marks), o->marks = PyUnicode_AsUCS4Copy(marks);
    o->words = calloc(o->mask--, sizeof *o->words);
    if (!o->marks) return -1;
    if (!o->words) { PyErr_NoMemory(); return -1; }
    for (Py_ssize_t start = 0, end; start < length; start = end + 1) {
        for (end = start; end < length && words[end] != '\n';) end++;
        const uint64_t key = text_key((const uint8_t *)words + start, end - start);
        uint64_t p = key & o->mask;
        while (o->words[p]) p = (p + 1) & o->mask;
        o->words[p] = key;
    }
    return 0;
}

static PyObject *Openings_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    Openings *o = new_object(type, keywords);
    if (!o) return NULL;
    if (open_openings(&o->openings, args) || !(o->isascii = PyUnicode_InternFromString("isascii"))) { Py_DECREF(o); return NULL; }
    return (PyObject *)o;
}

static void Openings_dealloc(PyObject *self) {
    Openings *o = (Openings *)self;
    close_openings(&o->openings);
    Py_XDECREF(o->isascii);
    free_object(self);
}

static PyMethodDef openings_methods[] = {
    {"lines", Openings_lines, METH_O, "lines(text): the spans of the lines that may be looked for."}, {NULL, NULL, 0, NULL}};
static PyType_Slot openings_slots[] = {{Py_tp_new, Openings_new},
                                       {Py_tp_dealloc, Openings_dealloc},
                                       {Py_tp_methods, openings_methods},
                                       {Py_tp_doc, "Words with which lines begin that are worth a look; see furniture."},
                                       {0, NULL}};
static PyType_Spec openings_spec = {"classifier._kernel.Openings", sizeof(Openings), 0, Py_TPFLAGS_DEFAULT, openings_slots};

#endif
