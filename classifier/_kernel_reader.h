/* Texts come in, sentences, tokens and numbered runs of tokens go out, as `reading` has them: for who trains or explains. */
#ifndef KERNEL_READER_H
#define KERNEL_READER_H

#include "_kernel_text.h"

/* Runs are numbered as they come. One of several tokens is a shorter run and a token behind it: this pair says exactly which it
 * is. A token is found by its key and told from others by its text, so that no two terms are ever taken for one. */
typedef struct { uint32_t before, token; } run; /* numbers; of a run of one token `before` is NONE */
typedef struct { uint64_t key; int64_t end; uint32_t run; } token_entry; /* its text begins where that of the one before ends */
typedef struct { uint32_t *numbers; uint64_t mask; } index_table; /* number + 1, 0 for an empty slot */

enum { FEWEST_SLOTS = 1 << 10 };
static const uint32_t NONE = UINT32_MAX;

typedef struct {
    PyObject_HEAD
    Py_buffer buffer[3];
    int held, busy;
    reading reading;
    int64_t longest;
    uint8_t *letters; /* of all tokens, one behind the other */
    token_entry *tokens;
    run *runs;
    uint32_t *count; /* how often a run stands in the passage: zero between passages */
    int64_t letters_room, tokens_room, runs_room, count_room, tokens_count, runs_count;
    index_table by_text, by_pair;
    token_reader reader;
    in_hand hand; /* the article that is read */
    uint32_t *line, *starts; /* tokens of the passage; the run that begins at each */
    int64_t line_room, starts_room;
} Reader;

static inline uint64_t pair_key(run r) { return chain(mix(r.before + (uint64_t)1), r.token + (uint64_t)1); }

/* Twice as many slots for an index of `count` entries once half of them are taken; `key_of` says where an entry belongs. */
static int widen(const Reader *k, index_table *t, int64_t count, uint64_t (*key_of)(const Reader *, int64_t)) {
    uint64_t size = t->numbers ? t->mask + 1 : 0;
    if ((uint64_t)count * 2 < size) return 0;
    size = size ? size * 2 : FEWEST_SLOTS;
    uint32_t *numbers = calloc(size, sizeof *numbers);
    if (!numbers) return -1;
    for (int64_t i = 0; i < count; i++) {
        uint64_t p = key_of(k, i) & (size - 1);
        while (numbers[p]) p = (p + 1) & (size - 1);
        numbers[p] = (uint32_t)i + 1;
    }
    free(t->numbers);
    *t = (index_table){numbers, size - 1};
    return 0;
}

static uint64_t key_of_token(const Reader *k, int64_t token) { return k->tokens[token].key; }
static uint64_t key_of_run(const Reader *k, int64_t number) { return pair_key(k->runs[number]); }

/* Write the number of a run to `out`: that which it has, or if it is to be learnt the next; NONE otherwise. -1 if there is no
 * memory, or no number left. */
static int number_run(Reader *k, run wanted, int learn, uint32_t *out) {
    if (widen(k, &k->by_pair, k->runs_count, key_of_run)) return -1;
    uint64_t p = pair_key(wanted) & k->by_pair.mask;
    for (uint32_t at; (at = k->by_pair.numbers[p]); p = (p + 1) & k->by_pair.mask) {
        const run *r = k->runs + (at - 1);
        if (r->before != wanted.before || r->token != wanted.token) continue;
        *out = at - 1;
        return 0;
    }
    *out = NONE;
    if (!learn) return 0;
    int64_t room = k->count_room;
    if (k->runs_count >= INT32_MAX || grow(&k->runs, &k->runs_room, k->runs_count + 1, sizeof(run)) ||
        grow(&k->count, &k->count_room, k->runs_count + 1, sizeof *k->count))
        return -1;
    if (k->count_room > room) memset(k->count + room, 0, (size_t)(k->count_room - room) * sizeof *k->count);
    *out = (uint32_t)k->runs_count;
    k->runs[k->runs_count++] = wanted;
    k->by_pair.numbers[p] = (uint32_t)k->runs_count;
    return 0;
}

/* The same for the token that was just read; the number is one among tokens. */
static int number_token(Reader *k, int learn, uint32_t *out) {
    const token_reader *r = &k->reader;
    const uint64_t key = text_key(r->token, r->length);
    if (widen(k, &k->by_text, k->tokens_count, key_of_token)) return -1;
    uint64_t p = key & k->by_text.mask;
    for (uint32_t at; (at = k->by_text.numbers[p]); p = (p + 1) & k->by_text.mask) {
        const token_entry *entry = k->tokens + (at - 1);
        const int64_t from = at > 1 ? entry[-1].end : 0;
        if (entry->key != key || entry->end - from != r->length || memcmp(k->letters + from, r->token, (size_t)r->length)) continue;
        *out = at - 1;
        return 0;
    }
    *out = NONE;
    if (!learn) return 0;
    const int64_t from = k->tokens_count ? k->tokens[k->tokens_count - 1].end : 0;
    uint32_t alone;
    if (grow(&k->letters, &k->letters_room, from + r->length, 1) ||
        grow(&k->tokens, &k->tokens_room, k->tokens_count + 1, sizeof(token_entry)) ||
        number_run(k, (run){NONE, (uint32_t)k->tokens_count}, 1, &alone))
        return -1;
    memcpy(k->letters + from, r->token, (size_t)r->length);
    *out = (uint32_t)k->tokens_count;
    k->tokens[k->tokens_count++] = (token_entry){key, from + r->length, alone};
    k->by_text.numbers[p] = (uint32_t)k->tokens_count;
    return 0;
}

/* The numbers of the tokens of a passage, in k->line; returns how many, -1 as above. */
static int64_t number_tokens(Reader *k, const span *parts, int64_t count, int learn) {
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++) {
        int more;
        k->reader.at = parts[i].start, k->reader.end = parts[i].end;
        if (grow(&k->line, &k->line_room, n + (parts[i].end - parts[i].start + 1) / 2, sizeof *k->line)) return -1;
        for (; (more = next_token(&k->reader)) > 0; n++) if (number_token(k, learn, k->line + n)) return -1;
        if (more < 0) return -1;
    }
    return n;
}

typedef struct { uint32_t *ids, *counts; int64_t count, ids_room, counts_room, tokens; } run_rows;

/* Append the runs of a passage and how often each stands there, in the order in which `text.ngrams` has them first. */
static int count_passage(Reader *k, const span *parts, int64_t count, int learn, run_rows *out) {
    const int64_t n = number_tokens(k, parts, count, learn), begin = out->count;
    if (n < 0) return -1;
    out->tokens += n;
    if (grow(&k->starts, &k->starts_room, n, sizeof *k->starts)) return -1;
    for (int64_t length = 1; length <= k->longest && length <= n; length++) {
        if (grow(&out->ids, &out->ids_room, out->count + n, 4) || grow(&out->counts, &out->counts_room, out->count + n, 4))
            return -1;
        for (int64_t i = 0; i + length <= n; i++) {
            const uint32_t token = k->line[i + length - 1];
            uint32_t *at = k->starts + i;
            if (length == 1) *at = token == NONE ? NONE : k->tokens[token].run;
            else if (*at != NONE && token == NONE) *at = NONE;
            else if (*at != NONE && number_run(k, (run){*at, token}, learn, at)) return -1;
            if (*at != NONE && k->count[*at]++ == 0) out->ids[out->count++] = *at;
        }
    }
    for (int64_t i = begin; i < out->count; i++) {
        out->counts[i] = k->count[out->ids[i]];
        k->count[out->ids[i]] = 0;
    }
    return 0;
}

/* All spans of all passages, one behind the other; `ends` says where each passage has its last. */
typedef struct { spans parts; int64_t *ends, count; } passages;

static int read_passages(PyObject *list, int64_t length, passages *out) {
    const Py_ssize_t count = PyList_Check(list) ? PyList_Size(list) : -1;
    if (count < 0) { PyErr_SetString(PyExc_TypeError, "passages are a list"); return -1; }
    out->ends = malloc(((size_t)count + 1) * sizeof *out->ends);
    if (!out->ends) { PyErr_NoMemory(); return -1; }
    for (; out->count < count; out->count++) {
        int64_t own;
        PyObject *passage = PyList_GetItem(list, (Py_ssize_t)out->count); /* whoever takes it away meanwhile is told of it */
        Py_XINCREF(passage);
        span *found = passage ? read_spans(passage, length, &own) : NULL;
        Py_XDECREF(passage);
        if (!found) return -1;
        int bad = 0;
        for (int64_t i = 0; !bad && i < own; i++) bad = add_span(&out->parts, found[i].start, found[i].end);
        free(found);
        if (bad) { PyErr_NoMemory(); return -1; }
        out->ends[out->count] = out->parts.count;
    }
    return 0;
}

static int count_passages(Reader *k, const passages *all, int learn, run_rows *out, int64_t *sizes) {
    for (int64_t i = 0; i < all->count; i++) {
        const int64_t from = i ? all->ends[i - 1] : 0, before = out->count;
        if (count_passage(k, all->parts.items + from, all->ends[i] - from, learn, out)) {
            if (k->count) memset(k->count, 0, (size_t)k->count_room * sizeof *k->count);
            return -1;
        }
        sizes[i] = out->count - before;
    }
    return 0;
}

static PyObject *bytes_of(const void *items, int64_t count, size_t size) {
    if (count > PY_SSIZE_T_MAX / 8) return PyErr_NoMemory();
    return PyBytes_FromStringAndSize(count ? items : "", (Py_ssize_t)count * (Py_ssize_t)size);
}

/* read(content, passages, learn) -> (numbers of the runs of each passage, how often each, how many a passage, tokens in all) */
static PyObject *Reader_read(PyObject *self, PyObject *args) {
    Reader *k = (Reader *)self;
    PyObject *content, *list, *answer = NULL;
    passages all = {0};
    run_rows out = {0};
    int64_t *sizes = NULL;
    int learn;
    if (!PyArg_ParseTuple(args, "UOp", &content, &list, &learn)) return NULL;
    if (!read_passages(list, PyUnicode_GetLength(content), &all)) {
        if (k->busy) PyErr_SetString(PyExc_RuntimeError, "a reader reads one article at a time");
        else if (!(sizes = malloc(((size_t)all.count + 1) * sizeof *sizes))) PyErr_NoMemory();
        else {
            k->busy = 1;
            int bad = copy_text(&k->reading, content, 0, &k->hand) < 0;
            if (!bad) {
                k->reader.reading = &k->reading, k->reader.text = k->hand.text, k->reader.narrow = k->hand.narrow;
                Py_BEGIN_ALLOW_THREADS
                bad = count_passages(k, &all, learn, &out, sizes);
                Py_END_ALLOW_THREADS
                if (bad) PyErr_NoMemory();
            }
            k->busy = 0;
            PyObject *ids = bad ? NULL : bytes_of(out.ids, out.count, 4), *counts = ids ? bytes_of(out.counts, out.count, 4) : NULL;
            PyObject *ends = counts ? bytes_of(sizes, all.count, 8) : NULL;
            if (ends) answer = Py_BuildValue("(OOOL)", ids, counts, ends, (long long)out.tokens);
            Py_XDECREF(ids); Py_XDECREF(counts); Py_XDECREF(ends);
        }
    }
    free(all.parts.items); free(all.ends); free(out.ids); free(out.counts); free(sizes);
    return answer;
}

/* term(number) -> the tokens of a run, joined by spaces */
static PyObject *Reader_term(PyObject *self, PyObject *wanted) {
    const Reader *k = (const Reader *)self;
    const long long number = PyLong_AsLongLong(wanted);
    if (number == -1 && PyErr_Occurred()) return NULL;
    if (k->busy) { PyErr_SetString(PyExc_RuntimeError, "a reader reads one article at a time"); return NULL; }
    if (number < 0 || number >= k->runs_count) { PyErr_SetString(PyExc_IndexError, "no run has this number"); return NULL; }
    int64_t length = -1;
    for (uint32_t at = (uint32_t)number; at != NONE; at = k->runs[at].before) {
        const uint32_t token = k->runs[at].token;
        length += 1 + k->tokens[token].end - (token ? k->tokens[token - 1].end : 0);
    }
    char *text = malloc((size_t)length + 1);
    if (!text) return PyErr_NoMemory();
    int64_t from = length;
    for (uint32_t at = (uint32_t)number; at != NONE; at = k->runs[at].before) { /* the last token first */
        const uint32_t token = k->runs[at].token;
        const int64_t begin = token ? k->tokens[token - 1].end : 0, own = k->tokens[token].end - begin;
        memcpy(text + (from -= own), k->letters + begin, (size_t)own);
        if (from) text[--from] = ' ';
    }
    PyObject *term = PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "replace");
    free(text);
    return term;
}

static void Reader_dealloc(PyObject *self) {
    Reader *k = (Reader *)self;
    while (k->held) PyBuffer_Release(&k->buffer[--k->held]);
    close_reading(&k->reading);
    free(k->letters); free(k->tokens); free(k->runs); free(k->count); free(k->by_text.numbers); free(k->by_pair.numbers);
    free(k->reader.letters); forget_text(&k->hand); free(k->line); free(k->starts);
    free_object(self);
}

/* Reader((pages, folds, classes), (titles, doubtful, starters), the length of runs) */
static PyObject *Reader_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    PyObject *tables, *lists_of_words;
    long long longest;
    if (!PyArg_ParseTuple(args, "OOL", &tables, &lists_of_words, &longest)) return NULL;
    if (longest < 1) { wrong("the length of runs"); return NULL; }
    Reader *k = new_object(type, keywords);
    if (!k) return NULL;
    k->longest = longest;
    if (take_buffers(tables, 3, k->buffer, &k->held) || open_reading(&k->reading, k->buffer, lists_of_words)) {
        Py_DECREF(k);
        return NULL;
    }
    return (PyObject *)k;
}

static PyObject *Reader_sentences(PyObject *self, PyObject *text) { return list_sentences(&((Reader *)self)->reading, text); }
static PyObject *Reader_tokens(PyObject *self, PyObject *text) { return list_tokens(&((Reader *)self)->reading, text, 0); }
static PyObject *Reader_token_spans(PyObject *self, PyObject *text) { return list_tokens(&((Reader *)self)->reading, text, 1); }

static PyMethodDef reader_methods[] = {
    {"sentences", Reader_sentences, METH_O, "sentences(text): the spans of its sentences."},
    {"tokens", Reader_tokens, METH_O, "tokens(text): its tokens."},
    {"token_spans", Reader_token_spans, METH_O, "token_spans(text): its tokens, each with start and end."},
    {"read", Reader_read, METH_VARARGS, "read(content, passages, learn): numbers of runs, how often, how many a passage, tokens."},
    {"term", Reader_term, METH_O, "term(number): the run with a number."},
    {NULL, NULL, 0, NULL}};
static PyType_Slot reader_slots[] = {{Py_tp_new, Reader_new},
                                     {Py_tp_dealloc, Reader_dealloc},
                                     {Py_tp_methods, reader_methods},
                                     {Py_tp_doc, "What `text` says of strings, and runs of tokens with numbers; see reading."},
                                     {0, NULL}};
static PyType_Spec reader_spec = {"classifier._kernel.Reader", sizeof(Reader), 0, Py_TPFLAGS_DEFAULT, reader_slots};

#endif
