/* Text to scores: the same as rooms `text`, `features` and `model` in plain Python, which are the oracle of the tests.
 *
 * A Kernel borrows the tables of a model (slices of one memory-mapped file) and checks every number in them that could lead
 * a look-up astray before it is made, so that no file can make it read outside its buffers or loop for ever. It keeps nothing
 * between calls but those buffers and a workspace for the next call; a call releases the interpreter lock while it works.
 */
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

typedef uint32_t character;
typedef struct { uint32_t tag, id; } slot; /* high half of a key; number of the term + 1, 0 for an empty slot */
typedef struct { int64_t start, end; } span;
typedef struct { const slot *slots; uint64_t mask; } table;
typedef struct { char *text; Py_ssize_t length; } words; /* "\nmr\nmrs\n…\n" */

enum { PAGES = 0x110000 / 256, LONGEST_LIST_WORD = 24, LONGEST_RUN = 5, LOGARITHMS = 64, KEPT = 1 << 20 };
/* What `text.character_class` says of a character. */
enum {
    SPACE = 1, LOWER = 2, UPPER = 4, TITLE = 8, ALNUM = 16, ALPHA = 32, DIGIT = 64, END = 128, END_ALONE = 256, CLOSER = 512,
    OPENER = 1024, BULLET = 2048, STICKY = 4096
};

enum { B_PAGES, B_FOLDS, B_CLASSES, B_SLOTS, B_IDF, B_WEIGHTS, B_BIAS, B_NAMES, B_MASKS, B_ROWS, BUFFERS };

typedef struct {
    uint8_t *folded;      /* one token */
    uint64_t *keys, *run; /* keys of the tokens of a passage, and of its runs */
    uint32_t *ids;
    uint32_t *count; /* how often a term stands in the passage: a number a term, zero between passages */
    uint64_t *own, *before, *title, *somewhere; /* lists that hit */
    uint64_t *found;                            /* lists that hit, passage by passage */
    double *scores;
    int32_t *hints;
    int64_t characters, passages; /* what there is room for */
    int64_t known, common, total;
} workspace;

typedef struct {
    PyObject_HEAD
    Py_buffer buffer[BUFFERS];
    int held;
    const uint16_t *pages, *classes; /* of a character c: classes[pages[c >> 8] * 256 + (c & 255)] */
    const uint32_t *folds;           /* 0 separates, 1 is dropped, else the UTF-8 bytes of the fold, lowest first */
    table terms, names;              /* keys of word terms and of hint names */
    const double *idf, *bias;
    const float *weights; /* a row a term, a number a topic */
    const uint64_t *masks; /* for each hint name the lists it stands in, `mask_words` words each */
    const int32_t *rows;   /* rows of hint terms, -1 for none: own, title, before, article: `lists` each; pairs: lists x lists */
    int64_t size, width, lists, mask_words, longest, name_longest;
    double common_idf;
    int by_sentence;
    words titles, doubtful, starters;
    double logarithm[LOGARITHMS]; /* 1 + ln n */
    workspace *spare;             /* that of the last call; taken and given back under the interpreter lock */
} Kernel;

/* ------------------------------------------------------------------------------------------------------- characters */

static inline uint16_t class_of(const Kernel *k, character c) { return k->classes[k->pages[c >> 8] * 256u + (c & 255)]; }
static inline int is(const Kernel *k, character c, int kind) { return (class_of(k, c) & kind) != 0; }

/* ---------------------------------------------------------------------------------------------------------- growing */

typedef struct { span *items; int64_t count, room; } spans;

static int add_span(spans *list, int64_t start, int64_t end) {
    if (list->count == list->room) {
        int64_t room = list->room ? list->room * 2 : 64;
        span *items = realloc(list->items, (size_t)room * sizeof *items);
        if (!items) return -1;
        list->items = items, list->room = room;
    }
    list->items[list->count++] = (span){start, end};
    return 0;
}

/* -------------------------------------------------------------------------------------------------------- sentences
 * Each function is the one of the same name in `text`. */

static int in_list(const words *list, const char *word, int length) {
    char framed[LONGEST_LIST_WORD + 3];
    if (length == 0 || length > LONGEST_LIST_WORD) return 0;
    framed[0] = '\n', framed[length + 1] = '\n', framed[length + 2] = 0;
    memcpy(framed + 1, word, (size_t)length);
    return strstr(list->text, framed) != NULL;
}

/* Lower-case a word of the lists' letters into `out`; return its length as Python's lower() has it, or -1 if it can be in none. */
static int lower_word(const character *text, int64_t start, int64_t end, char *out) {
    if (end - start > LONGEST_LIST_WORD) return -1;
    int n = 0;
    for (int64_t i = start; i < end; i++) {
        character c = text[i];
        if (c == 0x212A) c = 'k'; /* the Kelvin sign */
        if (c >= 128) return -1;
        out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return n;
}

static int is_abbreviation(const Kernel *k, const character *t, int64_t begin, int64_t stop, int64_t first, int64_t end) {
    int64_t start = stop;
    while (start > begin && (is(k, t[start - 1], ALNUM) || t[start - 1] == '.')) start--;
    char word[LONGEST_LIST_WORD + 1];
    int length = lower_word(t, start, stop, word);
    if (length > 0 && in_list(&k->titles, word, length)) return 1;
    int dots = 0, single = start < stop;
    int64_t part = 0; /* characters since the last full stop; İ lower-cased has two */
    for (int64_t i = start; i < stop; i++) {
        if (t[i] == '.') {
            if (part != 1) single = 0;
            dots++, part = 0;
        } else part += t[i] == 0x130 ? 2 : 1;
    }
    if (part != 1) single = 0;
    int dotted = dots > 0 && single;
    int initial = stop - start == 1 && t[start] != 0x130 && is(k, t[start], ALPHA);
    if (!(dotted || initial || (length > 0 && in_list(&k->doubtful, word, length)))) return 0;
    int64_t next = first;
    while (next < end && is(k, t[next], ALNUM)) next++;
    length = lower_word(t, first, next, word);
    return !(length > 0 && in_list(&k->starters, word, length));
}

static int glued(const Kernel *k, const character *t, int64_t begin, int64_t stop, int64_t position, int64_t length) {
    if (stop - begin <= 1) return 0;
    int64_t from = stop - 2 > begin ? stop - 2 : begin;
    int cased = 0;
    for (int64_t i = from; i < stop; i++) { /* before.isalpha() and before.islower() */
        uint16_t c = class_of(k, t[i]);
        if (!(c & ALPHA) || (c & (UPPER | TITLE))) return 0;
        cased |= c & LOWER;
    }
    return cased && is(k, t[position], UPPER) && position + 1 < length && is(k, t[position + 1], LOWER);
}

static int ends_sentence(const Kernel *k, const character *t, int64_t begin, int64_t position, int64_t end, int64_t length) {
    int64_t stop = position - 1;
    while (is(k, t[stop], CLOSER)) stop--;
    if (is(k, t[stop], END_ALONE)) return 1;
    if (!is(k, t[position], SPACE)) return glued(k, t, begin, stop, position, length);
    int64_t first = position;
    while (first < end && is(k, t[first], SPACE)) first++;
    while (first < end && is(k, t[first], OPENER | SPACE)) first++;
    if (first >= end || is(k, t[first], LOWER)) return 0;
    if (t[stop] != '.' || (stop > begin && is(k, t[stop - 1], END))) return 1;
    return !is_abbreviation(k, t, begin, stop, first, end);
}

static int split_passage(const Kernel *k, const character *t, int64_t start, int64_t end, int64_t length, spans *out) {
    int64_t position = start, begin = start;
    while (position < end) {
        if (!is(k, t[position++], END | END_ALONE)) continue;
        while (position < end && is(k, t[position], END | END_ALONE)) position++;
        while (position < end && is(k, t[position], CLOSER)) position++;
        if (position < end && ends_sentence(k, t, begin, position, end, length)) {
            if (add_span(out, begin, position)) return -1;
            while (position < end && is(k, t[position], SPACE)) position++;
            begin = position;
        }
    }
    return begin < end ? add_span(out, begin, end) : 0;
}

static int begins_item(const Kernel *k, const character *t, span line, span next, int64_t word_end) {
    const character *first = t + next.start;
    int64_t n = word_end - next.start;
    if (first[0] == '>') return t[line.start] != '>';
    if (is(k, first[0], BULLET) && (n == 1 || is(k, first[0], STICKY))) return 1;
    character last = first[n - 1];
    if (n > 1 && (last == '.' || last == ')' || last == ':')) {
        int alnum = 1, digit = 1, cased = 0, lower = 0;
        for (int64_t i = 0; i < n - 1; i++) {
            uint16_t c = class_of(k, first[i]);
            alnum &= (c & ALNUM) != 0, digit &= (c & DIGIT) != 0;
            lower |= (c & (LOWER | TITLE)) != 0, cased |= (c & UPPER) != 0;
        }
        if (alnum && (digit || n == 2 || (cased && !lower))) return 1;
    }
    int64_t limit = n < 5 ? n : 5, colon = 0; /* first[:5].partition(":") */
    while (colon < limit && first[colon] != ':') colon++;
    if (colon == 0 || colon == limit) return 0;
    for (int64_t i = 0; i < colon; i++) if (!is(k, first[i], DIGIT)) return 0;
    int64_t minutes = limit - colon - 1 < 2 ? limit - colon - 1 : 2;
    if (minutes == 0) return 0;
    for (int64_t i = 1; i <= minutes; i++) if (!is(k, first[colon + i], DIGIT)) return 0;
    return 1;
}

static int is_wrap(const Kernel *k, const character *t, span line, span next, int64_t width, int64_t narrowest, int64_t widest) {
    if (width < narrowest || width > widest) return 0;
    int64_t word_end = next.start;
    while (word_end < next.end && !is(k, t[word_end], SPACE)) word_end++;
    if (begins_item(k, t, line, next, word_end)) return 0;
    return line.end - line.start + 1 + word_end - next.start > width;
}

enum { NARROWEST = 45, WIDEST = 100 }; /* as in `text` */

static int join_wrapped(const Kernel *k, const character *t, const span *lines, int64_t count, int64_t length, spans *out) {
    if (!count) return 0;
    int64_t width = 0, start = lines[0].start;
    for (int64_t i = 0; i < count; i++) if (lines[i].end - lines[i].start > width) width = lines[i].end - lines[i].start;
    for (int64_t i = 0; i + 1 < count; i++)
        if (!is_wrap(k, t, lines[i], lines[i + 1], width, NARROWEST, WIDEST)) {
            if (split_passage(k, t, start, lines[i].end, length, out)) return -1;
            start = lines[i + 1].start;
        }
    return split_passage(k, t, start, lines[count - 1].end, length, out);
}

/* The sentences of t[0:length], in order. */
static int sentence_spans(const Kernel *k, const character *t, int64_t length, spans *lines, spans *out) {
    int64_t position = 0;
    lines->count = 0;
    for (;;) {
        int64_t stop = position;
        while (stop < length && t[stop] != '\n') stop++;
        int64_t start = position, end = stop;
        while (start < end && is(k, t[start], SPACE)) start++;
        while (end > start && is(k, t[end - 1], SPACE)) end--;
        if (start < end) {
            if (add_span(lines, start, end)) return -1;
        } else {
            if (join_wrapped(k, t, lines->items, lines->count, length, out)) return -1;
            lines->count = 0;
        }
        if (stop >= length) break;
        position = stop + 1;
    }
    return join_wrapped(k, t, lines->items, lines->count, length, out);
}

/* ------------------------------------------------------------------------------------------------------------ terms */

static const uint64_t C1 = 0x9E3779B97F4A7C15u, C2 = 0xD6E8FEB86659FD93u; /* as in `tables` */
static inline uint64_t mix(uint64_t h) { h *= C1; return h ^ (h >> 32); }
static inline uint64_t chain(uint64_t a, uint64_t b) { a = (a ^ (b * C2)) * C1 + b; return a ^ (a >> 32); }

static inline uint32_t find(const table *t, uint64_t key) { /* number of a term + 1, 0 if it is none of the table's */
    uint64_t p = key & t->mask;
    uint32_t tag = (uint32_t)(key >> 32);
    slot s = t->slots[p];
    while (s.id && s.tag != tag) s = t->slots[p = (p + 1) & t->mask];
    return s.id;
}

/* The keys of the tokens of t[start:end]; they are appended at `n`, and the new number is returned. */
static int64_t read_tokens(const Kernel *k, const character *t, int64_t start, int64_t end, workspace *w, int64_t n) {
    uint8_t *o = w->folded;
    int64_t length = 0;
    for (int64_t i = start; i <= end; i++) {
        uint32_t f = 0;
        if (i < end) f = k->folds[k->pages[t[i] >> 8] * 256u + (t[i] & 255)];
        if (f == 1) continue;
        if (f) {
            memcpy(o + length, &f, 4);
            length += f < 1u << 8 ? 1 : f < 1u << 16 ? 2 : f < 1u << 24 ? 3 : 4;
            continue;
        }
        if (!length) continue;
        memset(o + length, 0, 8);
        uint64_t key = 0, chunk;
        for (int64_t at = 0; at < length; at += 8) {
            memcpy(&chunk, o + at, 8);
            key = mix(key ^ chunk);
        }
        w->keys[n++] = key;
        length = 0;
    }
    return n;
}

/* The lists whose names stand in a passage of n tokens, as bits. */
static void find_names(const Kernel *k, const workspace *w, int64_t n, uint64_t *lists) {
    for (int64_t i = 0; i < n; i++) {
        uint64_t key = w->keys[i];
        for (int64_t length = 1;; length++) {
            uint32_t id = find(&k->names, key);
            if (id) for (int64_t m = 0; m < k->mask_words; m++) lists[m] |= k->masks[(id - 1) * k->mask_words + m];
            if (length == k->name_longest || i + length >= n) break;
            key = chain(key, w->keys[i + length]);
        }
    }
}

static inline int has(const uint64_t *lists, int64_t number) { return lists[number >> 6] >> (number & 63) & 1; }

static int ascending(const void *a, const void *b) {
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static inline void add_row(const Kernel *k, double *scores, int64_t row, double value) {
    const float *weights = k->weights + row * k->width;
    for (int64_t q = 0; q < k->width; q++) scores[q] += value * (double)weights[q];
}

/* Score a passage of n tokens, whose lists are `own`, into w->scores. The order of all sums is that of the reference. */
static void score_passage(const Kernel *k, workspace *w, int64_t n, const uint64_t *own, const uint64_t *before) {
    int64_t used = 0;
    memcpy(w->run, w->keys, (size_t)n * 8);
    for (int64_t length = 1; length <= k->longest && length <= n; length++) {
        int64_t runs = n - length + 1;
        if (length > 1) for (int64_t i = 0; i < runs; i++) w->run[i] = chain(w->run[i], w->keys[i + length - 1]);
        for (int64_t i = 0; i < runs; i++) {
#if defined(__GNUC__)
            if (i + 12 < runs) __builtin_prefetch(k->terms.slots + (w->run[i + 12] & k->terms.mask));
#endif
            uint32_t id = find(&k->terms, w->run[i]);
            if (!id) continue;
            if (length == 1) w->known++, w->common += k->idf[id - 1] <= k->common_idf;
            w->ids[used] = id - 1;
            used += w->count[id - 1]++ == 0;
        }
    }
    w->total += n;
    double squares = 0.0;
    for (int64_t i = 0; i < used; i++) {
        uint32_t c = w->count[w->ids[i]];
        double tf = c < LOGARITHMS ? k->logarithm[c] : 1.0 + log((double)c), value = tf * k->idf[w->ids[i]];
        squares += value * value;
    }
    double norm = sqrt(squares);
    memcpy(w->scores, k->bias, (size_t)k->width * sizeof(double));
    for (int64_t i = 0; i < used; i++) {
        uint32_t c = w->count[w->ids[i]];
        w->count[w->ids[i]] = 0;
        double tf = c < LOGARITHMS ? k->logarithm[c] : 1.0 + log((double)c);
        add_row(k, w->scores, w->ids[i], tf * k->idf[w->ids[i]] / norm);
    }
    int64_t hints = 0, L = k->lists;
    for (int64_t a = 0; a < L; a++) {
        if (has(w->title, a) && k->rows[L + a] >= 0) w->hints[hints++] = k->rows[L + a];
        if (has(before, a) && k->rows[2 * L + a] >= 0) w->hints[hints++] = k->rows[2 * L + a];
        if (has(w->somewhere, a) && k->rows[3 * L + a] >= 0) w->hints[hints++] = k->rows[3 * L + a];
        if (!has(own, a)) continue;
        if (k->rows[a] >= 0) w->hints[hints++] = k->rows[a];
        for (int64_t b = a + 1; b < L; b++)
            if (has(own, b) && k->rows[4 * L + a * L + b] >= 0) w->hints[hints++] = k->rows[4 * L + a * L + b];
    }
    qsort(w->hints, (size_t)hints, sizeof *w->hints, ascending);
    for (int64_t i = 0; i < hints; i++) add_row(k, w->scores, w->hints[i], k->idf[w->hints[i]]);
}

/* --------------------------------------------------------------------------------------------------------- articles */

typedef struct {
    character *text;
    int64_t length, offset;  /* the body begins at `offset`; before it stands the title */
    const span *own;         /* spans of the body that are the article's own; NULL for all of it */
    int64_t own_count;
    spans passages;          /* what was scored, in sentence pooling */
    double *best;            /* a score a topic */
    int64_t *where;          /* the number of the passage that has it, -1 if there is none */
    int64_t everything, kept;
    int64_t known, common, total;
} article;

static void release(workspace *w) {
    if (!w) return;
    free(w->folded); free(w->keys); free(w->run); free(w->ids); free(w->count);
    free(w->own); free(w->found); free(w->scores); free(w->hints);
    free(w);
}

/* Make room for passages of so many characters, and for so many passages. What does not grow with a text is made once. */
static int reserve(const Kernel *k, workspace *w, int64_t characters, int64_t passages) {
    size_t masks = (size_t)k->mask_words + 1, lists = (size_t)k->lists;
    if (!w->count) {
        w->count = calloc((size_t)k->size + 1, 4);
        w->own = malloc(masks * 4 * 8); /* four sets of lists side by side */
        w->scores = malloc((size_t)k->width * sizeof(double));
        w->hints = malloc((4 * lists + lists * lists + 1) * sizeof(int32_t));
        if (!w->count || !w->own || !w->scores || !w->hints) return -1;
        w->before = w->own + masks, w->title = w->own + 2 * masks, w->somewhere = w->own + 3 * masks;
    }
    if (characters > w->characters || !w->folded) {
        size_t n = (size_t)characters * 2 + 1024;
        free(w->folded); free(w->keys); free(w->run); free(w->ids);
        w->folded = malloc(n * 4 + 16), w->keys = malloc(n * 8), w->run = malloc(n * 8);
        w->ids = malloc(n * 4 * (size_t)k->longest);
        if (!w->folded || !w->keys || !w->run || !w->ids) return -1;
        w->characters = (int64_t)n - 16;
    }
    if (passages > w->passages || !w->found) {
        size_t n = (size_t)passages * 2 + 64;
        free(w->found);
        w->found = malloc(masks * n * 8);
        if (!w->found) return -1;
        w->passages = (int64_t)n - 1;
    }
    memset(w->own, 0, masks * 4 * 8);
    memset(w->found, 0, masks * (size_t)(passages + 1) * 8);
    w->known = w->common = w->total = 0;
    return 0;
}

static void take_best(const Kernel *k, const workspace *w, article *a, int64_t number) {
    for (int64_t q = 0; q < k->width; q++)
        if (a->where[q] < 0 || w->scores[q] > a->best[q]) a->best[q] = w->scores[q], a->where[q] = number;
}

/* The sentences of an article that are its own: those that begin in the title or in an own span of the body. */
static int own_sentences(const Kernel *k, article *a) {
    spans lines = {0}, body = {0};
    int bad = sentence_spans(k, a->text + a->offset, a->length - a->offset, &lines, &body);
    int64_t title_end = a->offset >= 2 ? a->offset - 2 : 0; /* title, blank line, body */
    if (!bad && a->offset) {
        a->everything += title_end, a->kept += title_end;
        bad = add_span(&a->passages, 0, title_end);
    }
    int64_t at = 0;
    for (int64_t i = 0; !bad && i < body.count; i++) {
        span s = body.items[i];
        a->everything += s.end - s.start;
        if (a->own) { /* both are in order: the last own span that begins at or before the sentence */
            while (at + 1 < a->own_count && a->own[at + 1].start <= s.start) at++;
            if (!a->own_count || s.start < a->own[at].start || s.start >= a->own[at].end) continue;
        }
        a->kept += s.end - s.start;
        bad = add_span(&a->passages, s.start + a->offset, s.end + a->offset);
    }
    free(lines.items); free(body.items);
    return bad;
}

static int score_sentences(const Kernel *k, article *a, workspace *w) {
    int64_t longest = 0, M = k->mask_words;
    if (own_sentences(k, a)) return -1;
    for (int64_t i = 0; i < a->passages.count; i++) {
        int64_t length = a->passages.items[i].end - a->passages.items[i].start;
        if (length > longest) longest = length;
    }
    if (reserve(k, w, longest, a->passages.count)) return -1;
    if (k->lists) { /* names first: a sentence hears of those in its neighbours */
        for (int64_t i = 0; i < a->passages.count; i++) {
            int64_t n = read_tokens(k, a->text, a->passages.items[i].start, a->passages.items[i].end, w, 0);
            find_names(k, w, n, w->found + i * M);
            for (int64_t m = 0; m < M; m++) w->somewhere[m] |= w->found[i * M + m];
        }
        memcpy(w->title, w->found, (size_t)M * 8);
    }
    for (int64_t i = 0; i < a->passages.count; i++) {
        int64_t n = read_tokens(k, a->text, a->passages.items[i].start, a->passages.items[i].end, w, 0);
        score_passage(k, w, n, w->found + i * M, i ? w->found + (i - 1) * M : w->before);
        take_best(k, w, a, i);
    }
    a->known = w->known, a->common = w->common, a->total = w->total;
    return 0;
}

static int score_whole(const Kernel *k, article *a, workspace *w) {
    int64_t n = 0;
    if (reserve(k, w, a->length, 1)) return -1;
    if (!a->own) n = read_tokens(k, a->text, 0, a->length, w, 0);
    else {
        n = read_tokens(k, a->text, 0, a->offset, w, 0);
        a->everything = a->length - a->offset;
        for (int64_t i = 0; i < a->own_count; i++) {
            n = read_tokens(k, a->text, a->offset + a->own[i].start, a->offset + a->own[i].end, w, n);
            a->kept += a->own[i].end - a->own[i].start;
        }
    }
    if (!a->length) return 0;
    if (k->lists) {
        find_names(k, w, n, w->own);
        memcpy(w->title, w->own, (size_t)k->mask_words * 8);
        memcpy(w->somewhere, w->own, (size_t)k->mask_words * 8);
    }
    score_passage(k, w, n, w->own, w->before);
    take_best(k, w, a, 0);
    a->known = w->known, a->common = w->common, a->total = w->total;
    return 0;
}

/* ----------------------------------------------------------------------------------------------------------- Python */

static int wrong(const char *what) { PyErr_Format(PyExc_ValueError, "%s", what); return -1; }

static const double LEAST = 1e-6, MOST = 1e6; /* as in `storage` */

/* Every number that a look-up follows lies where it may. */
static int check(Kernel *k) {
    Py_buffer *b = k->buffer;
    uint64_t characters = (uint64_t)b[B_FOLDS].len / 4;
    if (b[B_PAGES].len != PAGES * 2) return wrong("the page table is of another length");
    if (characters % 256 || (uint64_t)b[B_CLASSES].len != characters * 2) return wrong("folds and classes are not of one length");
    for (int i = 0; i < PAGES; i++) if ((uint64_t)k->pages[i] * 256 + 256 > characters) return wrong("a page that is not there");
    k->size = b[B_IDF].len / 8;
    if (k->width < 1 || b[B_BIAS].len != k->width * 8) return wrong("bias is not one a topic");
    if (b[B_IDF].len % 8 || k->size > INT32_MAX || b[B_WEIGHTS].len / 4 / k->width != k->size || b[B_WEIGHTS].len % (4 * k->width))
        return wrong("idf and weights are not of one length");
    const struct { table *t; int at; uint64_t ids; const char *name; } tables[] = {
        {&k->terms, B_SLOTS, (uint64_t)k->size, "the table of terms"},
        {&k->names, B_NAMES, (uint64_t)b[B_MASKS].len / 8 / (uint64_t)(k->mask_words ? k->mask_words : 1), "the table of names"},
    };
    for (int i = 0; i < 2; i++) {
        uint64_t n = (uint64_t)b[tables[i].at].len / sizeof(slot), empty = 0;
        if (!n || (n & (n - 1)) || (uint64_t)b[tables[i].at].len % sizeof(slot)) return wrong(tables[i].name);
        const slot *slots = b[tables[i].at].buf;
        for (uint64_t p = 0; p < n; p++) {
            empty += slots[p].id == 0;
            if (slots[p].id > tables[i].ids) return wrong(tables[i].name);
        }
        if (!empty) return wrong(tables[i].name); /* a look-up would never end */
        *tables[i].t = (table){slots, n - 1};
    }
    if (k->lists < 0 || k->lists > 4096 || k->mask_words != (k->lists + 63) / 64) return wrong("the number of lists");
    if (b[B_ROWS].len != (4 * k->lists + k->lists * k->lists) * 4) return wrong("the rows of hints are not of one length");
    for (int64_t i = 0; i < b[B_ROWS].len / 4; i++) if (k->rows[i] < -1 || k->rows[i] >= k->size) return wrong("a row that is not there");
    if (k->longest < 1 || k->longest > LONGEST_RUN || k->name_longest < (k->lists > 0) || k->name_longest > 64) return wrong("the length of runs");
    /* Within these bounds no sum can overflow, and no length of a passage vanish; what is no number is in none of them. */
    for (int64_t i = 0; i < k->size; i++) if (!(k->idf[i] >= LEAST && k->idf[i] <= MOST)) return wrong("an idf that is none");
    for (int64_t i = 0; i < k->size * k->width; i++) if (!(fabsf(k->weights[i]) <= (float)MOST)) return wrong("a weight not finite, or out of bounds");
    for (int64_t i = 0; i < k->width; i++) if (!(fabs(k->bias[i]) <= MOST)) return wrong("a bias not finite, or out of bounds");
    return 0;
}

static int keep_words(words *list, const char *text, Py_ssize_t length) {
    list->text = malloc((size_t)length + 1);
    if (!list->text) return -1;
    memcpy(list->text, text, (size_t)length);
    list->text[length] = 0, list->length = length;
    return 0;
}

static void Kernel_dealloc(PyObject *self) {
    Kernel *k = (Kernel *)self;
    while (k->held) PyBuffer_Release(&k->buffer[--k->held]);
    free(k->titles.text); free(k->doubtful.text); free(k->starters.text);
    release(k->spare);
    PyTypeObject *type = Py_TYPE(self);
    freefunc give_back = (freefunc)PyType_GetSlot(type, Py_tp_free);
    give_back(self);
    Py_DECREF(type);
}

static PyObject *Kernel_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    PyObject *o[BUFFERS];
    long long width, lists, longest, name_longest;
    const char *titles, *doubtful, *starters;
    Py_ssize_t lengths[3];
    double common_idf;
    int by_sentence;
    if (keywords && PyDict_Size(keywords)) { PyErr_SetString(PyExc_TypeError, "Kernel takes no keywords"); return NULL; }
    if (!PyArg_ParseTuple(args, "(OOOOOOOOOO)LLLLpd(y#y#y#)", &o[0], &o[1], &o[2], &o[3], &o[4], &o[5], &o[6], &o[7], &o[8], &o[9],
                          &width, &lists, &longest, &name_longest, &by_sentence, &common_idf, &titles, &lengths[0], &doubtful,
                          &lengths[1], &starters, &lengths[2]))
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Kernel *k = (Kernel *)allocate(type, 0);
    if (!k) return NULL;
    for (int i = 0; i < BUFFERS; i++, k->held++)
        if (PyObject_GetBuffer(o[i], &k->buffer[i], PyBUF_SIMPLE)) { Py_DECREF(k); return NULL; }
    k->pages = k->buffer[B_PAGES].buf, k->folds = k->buffer[B_FOLDS].buf, k->classes = k->buffer[B_CLASSES].buf;
    k->idf = k->buffer[B_IDF].buf, k->weights = k->buffer[B_WEIGHTS].buf, k->bias = k->buffer[B_BIAS].buf;
    k->masks = k->buffer[B_MASKS].buf, k->rows = k->buffer[B_ROWS].buf;
    k->width = width, k->lists = lists, k->mask_words = (lists + 63) / 64;
    k->longest = longest, k->name_longest = name_longest, k->by_sentence = by_sentence, k->common_idf = common_idf;
    for (int n = 1; n < LOGARITHMS; n++) k->logarithm[n] = 1.0 + log((double)n);
    if (lists < 0 || lists > 4096 || width < 1 || width > INT32_MAX) { wrong("the number of lists or topics"); Py_DECREF(k); return NULL; }
    if (check(k)) { Py_DECREF(k); return NULL; }
    if (keep_words(&k->titles, titles, lengths[0]) || keep_words(&k->doubtful, doubtful, lengths[1]) ||
        keep_words(&k->starters, starters, lengths[2])) { Py_DECREF(k); return PyErr_NoMemory(); }
    return (PyObject *)k;
}

static character *characters(PyObject *text, int64_t *length) {
    if (!PyUnicode_Check(text)) { PyErr_SetString(PyExc_TypeError, "a text is a str"); return NULL; }
    *length = PyUnicode_GetLength(text);
    return (character *)PyUnicode_AsUCS4Copy(text);
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
        if (!pair || !PyTuple_Check(pair) || !PyArg_ParseTuple(pair, "LL", &start, &end)) {
            if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "a span is a pair of numbers");
            free(found);
            return NULL;
        }
        if (start < last || end < start || end > length) { wrong("spans that are not in order"); free(found); return NULL; }
        last = end, found[i] = (span){start, end};
    }
    return found;
}

static PyObject *pair_of(int64_t a, int64_t b) { return Py_BuildValue("(LL)", (long long)a, (long long)b); }

/* answer(content, offset, own) -> (scores, spans of the best passages or None, set aside, tokens, known, common) */
static PyObject *Kernel_answer(PyObject *self, PyObject *args) {
    Kernel *k = (Kernel *)self;
    PyObject *content, *own, *result = NULL, *scores = NULL, *best = NULL;
    long long offset;
    article a = {0};
    span *given = NULL;
    workspace *w;
    int bad = 0;
    if (!PyArg_ParseTuple(args, "OLO", &content, &offset, &own)) return NULL;
    a.text = characters(content, &a.length);
    if (!a.text) return NULL;
    a.offset = offset;
    if (offset < 0 || offset > a.length) { wrong("the body begins outside the content"); goto done; }
    if (own != Py_None && !(given = read_spans(own, a.length - offset, &a.own_count))) goto done;
    a.own = given;
    a.best = malloc((size_t)k->width * sizeof(double)), a.where = malloc((size_t)k->width * sizeof(int64_t));
    if (!a.best || !a.where) { PyErr_NoMemory(); goto done; }
    memcpy(a.best, k->bias, (size_t)k->width * sizeof(double));
    for (int64_t q = 0; q < k->width; q++) a.where[q] = -1;
    w = k->spare ? k->spare : calloc(1, sizeof *w);
    k->spare = NULL;
    if (!w) { PyErr_NoMemory(); goto done; }
    Py_BEGIN_ALLOW_THREADS
    bad = k->by_sentence ? score_sentences(k, &a, w) : score_whole(k, &a, w);
    Py_END_ALLOW_THREADS
    if (bad || k->spare || w->characters > KEPT) release(w); /* a huge article's room is not kept */
    else k->spare = w;
    if (bad) { PyErr_NoMemory(); goto done; }
    scores = PyList_New((Py_ssize_t)k->width), best = PyList_New((Py_ssize_t)k->width);
    if (!scores || !best) goto done;
    for (int64_t q = 0; q < k->width; q++) {
        PyObject *score = PyFloat_FromDouble(a.best[q]), *place = Py_None;
        if (a.where[q] >= 0 && k->by_sentence)
            place = pair_of(a.passages.items[a.where[q]].start, a.passages.items[a.where[q]].end);
        else Py_INCREF(place);
        if (!score || !place) { Py_XDECREF(score); Py_XDECREF(place); goto done; }
        PyList_SetItem(scores, (Py_ssize_t)q, score), PyList_SetItem(best, (Py_ssize_t)q, place);
    }
    result = Py_BuildValue("(OOLLLL)", scores, best, (long long)(a.everything - a.kept), (long long)a.total, (long long)a.known,
                           (long long)a.common);
done:
    Py_XDECREF(scores); Py_XDECREF(best);
    free(given); free(a.best); free(a.where); free(a.passages.items);
    PyMem_Free(a.text);
    return result;
}

/* sentences(text) -> the spans of `text.sentence_spans` */
static PyObject *Kernel_sentences(PyObject *self, PyObject *text) {
    int64_t length;
    character *t = characters(text, &length);
    if (!t) return NULL;
    spans lines = {0}, found = {0};
    PyObject *list = NULL;
    if (sentence_spans((Kernel *)self, t, length, &lines, &found)) PyErr_NoMemory();
    else if ((list = PyList_New((Py_ssize_t)found.count)))
        for (int64_t i = 0; i < found.count; i++) {
            PyObject *pair = pair_of(found.items[i].start, found.items[i].end);
            if (!pair) { Py_DECREF(list); list = NULL; break; }
            PyList_SetItem(list, (Py_ssize_t)i, pair);
        }
    free(lines.items); free(found.items);
    PyMem_Free(t);
    return list;
}

/* row(key) -> the number of the term with this key, -1 if there is none */
static PyObject *Kernel_row(PyObject *self, PyObject *key) {
    unsigned long long number = PyLong_AsUnsignedLongLong(key);
    if (number == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
    return PyLong_FromLongLong((long long)find(&((Kernel *)self)->terms, number) - 1);
}

static PyMethodDef methods[] = {
    {"answer", Kernel_answer, METH_VARARGS, "answer(content, offset, own): scores, best spans, set aside, tokens, known, common."},
    {"sentences", Kernel_sentences, METH_O, "sentences(text): the spans of its sentences."},
    {"row", Kernel_row, METH_O, "row(key): the number of a term."},
    {NULL, NULL, 0, NULL}};
static PyType_Slot type_slots[] = {{Py_tp_new, Kernel_new},
                                   {Py_tp_dealloc, Kernel_dealloc},
                                   {Py_tp_methods, methods},
                                   {Py_tp_doc, "The tables of a model, checked; see features."},
                                   {0, NULL}};
static PyType_Spec type_spec = {"classifier._kernel.Kernel", sizeof(Kernel), 0, Py_TPFLAGS_DEFAULT, type_slots};

static int fill(PyObject *module) {
    PyObject *type = PyType_FromSpec(&type_spec);
    int bad = type ? PyModule_AddObjectRef(module, "Kernel", type) : -1;
    Py_XDECREF(type);
    return bad;
}
static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, fill}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernel", "Text to scores, in C.", 0, NULL, module_slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
