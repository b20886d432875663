/* Articles come in, scores and the best sentences go out, as `features` and `model` have them; decisions are unknown here.
 *
 * A Kernel borrows the tables of a model (slices of one memory-mapped file) and first checks every number in them that could
 * lead a look-up astray, so that no file can make it read outside its buffers or loop for ever. It keeps nothing between calls
 * but those buffers and workspaces, one for each call that was under way at once. While it scores, other threads may have the
 * interpreter.
 */
#ifndef KERNEL_SCORES_H
#define KERNEL_SCORES_H

#include "_kernel_openings.h"

typedef struct { uint32_t tag, id; } slot; /* high half of a key; number of the term + 1, 0 for an empty slot */
typedef struct { const slot *slots; const uint64_t *sieve; uint64_t mask, sieve_mask; } table; /* sieve: bits that keys have */

enum { LONGEST_RUN = 5, LOGARITHMS = 64 };
enum { B_SLOTS = CHARACTER_BUFFERS, B_IDF, B_WEIGHTS, B_BIAS, B_NAMES, B_MASKS, B_ROWS, B_SIEVE, B_NAME_SIEVE, B_TERMS, BUFFERS };

typedef struct workspace {
    struct workspace *next; /* another that is not at work */
    in_hand hand;          /* the article */
    int64_t *first;        /* where the tokens of a passage begin in `hand.tokens`; and behind the last passage, their number */
    uint64_t *runs;        /* keys of runs of tokens: one for each token with which a run begins */
    uint64_t *sifted;      /* those that may be terms, */
    int64_t *until;        /* and where those of a passage end */
    uint32_t *found;       /* all terms of all passages: those of one token, then of two, and so on, */
    int64_t *ends;         /* and where those of a length and a passage end */
    uint32_t *ids;         /* terms of the passage at hand, each once, */
    double *values;        /* and their weights in it */
    int64_t runs_room, sifted_room, found_room, ids_room, values_room;
    uint32_t *count;       /* how often a term stands in the passage: a number a term, zero between passages */
    uint64_t *before, *title, *somewhere; /* lists that hit, `before` owning the room of all three */
    uint64_t *lists;                      /* lists that hit, passage by passage */
    double *base, *scores, *best;
    int64_t *where; /* the passage of the best score, -1 for none */
    uint32_t *hints; /* rows of hints that hold, */
    double *hint_values;
    spans passages;
    int64_t room; /* passages there is room for */
    int64_t known, common, total, everything, kept;
} workspace;

typedef struct {
    PyObject_HEAD
    Py_buffer buffer[BUFFERS];
    int held;
    reading reading;
    openings openings; /* of lines that page furniture may have */
    table terms, names;              /* keys of word terms and of hint names */
    const double *idf, *bias;
    const float *weights; /* a row a term, a number a topic */
    const uint64_t *masks; /* for each hint name the lists it stands in, `mask_words` words each */
    const int32_t *rows;   /* rows of hint terms, -1 for none: own, title, before, article: `lists` each; pairs: lists x lists */
    int64_t size, width, lists, mask_words, longest, name_longest;
    double common_idf;
    int by_sentence;
    double logarithm[LOGARITHMS]; /* 1 + ln n */
    workspace *spare;             /* those that are not at work; taken and given back under the interpreter lock */
} Kernel;

/* --------------------------------------------------------------------------------------------------------- passages */

/* Number of a term + 1, 0 if it is none of the table's. */
static inline uint32_t find(const table *t, uint64_t key) {
    uint64_t p = key & t->mask;
    uint32_t tag = (uint32_t)(key >> 32);
    slot s = t->slots[p];
    while (s.id && s.tag != tag) s = t->slots[p = (p + 1) & t->mask];
    return s.id;
}

/* Whether a key may be one of the table's: of those each has two bits set in its word of the sieve, of others few have. */
static inline uint64_t may_be(const table *t, uint64_t key) {
    const uint64_t word = t->sieve[key >> 16 & t->sieve_mask];
    return word >> (key >> 58) & word >> (key >> 52 & 63) & 1;
}

#if defined(__GNUC__)
#define FETCH(place) __builtin_prefetch(place)
#else
#define FETCH(place) ((void)0)
#endif
enum { AHEAD = 24 }; /* look-ups under way at once: about as many as a core keeps in flight */

/* Passages whose look-ups are made at one go, so that many are under way; all of an article, if it is not very long. */
typedef struct { int64_t from, to; } block;
enum { TOKENS_AT_ONCE = 1 << 14 }; /* what is noted of so many fits into a core's own cache */

static block next_block(const workspace *w, int64_t from, int64_t passages) {
    block b = {from, from + 1};
    while (b.to < passages && w->first[b.to + 1] - w->first[from] <= TOKENS_AT_ONCE) b.to++;
    return b;
}

/* The keys of all pairs of neighbours in w->runs, be it that a passage ends between them. */
static int chain_pairs(const Kernel *k, workspace *w) {
    const uint64_t *tokens = w->hand.tokens.items;
    if (grow(&w->runs, &w->runs_room, w->total + 1, 8)) return -1;
    if (k->longest > 1 || k->name_longest > 1)
        for (int64_t i = 0; i + 1 < w->total; i++) w->runs[i] = chain(tokens[i], tokens[i + 1]);
    return 0;
}

/* The numbers of those keys `from` .. `to` that may be in a table, in `out`; returns how many.
 *
 * Here and below what may be in a table is sifted first: which keys pass cannot be foreseen, so there is no branch, and of
 * those that are left nearly all are found, which can. */
static int64_t sift(const table *t, const uint64_t *restrict keys, int64_t from, int64_t to, uint64_t *restrict out) {
    const table in = *t;
    int64_t count = 0;
    for (int64_t i = from; i < to; i++) {
        out[count] = (uint64_t)i;
        count += (int64_t)may_be(&in, keys[i]);
    }
    for (int64_t c = 0; c < count; c++) FETCH(in.slots + (keys[out[c]] & in.mask));
    return count;
}

static inline void add_lists(const Kernel *k, uint32_t id, uint64_t *lists) {
    for (int64_t m = 0; m < k->mask_words; m++) lists[m] |= k->masks[(id - 1) * k->mask_words + m];
}

/* The lists whose names stand in each passage, as bits in w->lists: names of one token, then those that begin with a pair.
 *
 * The table also holds how names of several tokens begin, with no list at all, and the sieve how they do from two tokens on:
 * many begin with words that stand everywhere, few with pairs that do. */
static int find_names(const Kernel *k, workspace *w, block b) {
    const int64_t from = w->first[b.from], to = w->first[b.to];
    const uint64_t *tokens = w->hand.tokens.items;
    if (grow(&w->sifted, &w->sifted_room, to - from + 1, 8)) return -1;
    int64_t count = sift(&k->names, tokens, from, to, w->sifted);
    for (int64_t c = 0, p = b.from; c < count; c++) {
        const int64_t i = (int64_t)w->sifted[c];
        while (w->first[p + 1] <= i) p++;
        const uint32_t id = find(&k->names, tokens[i]);
        if (id) add_lists(k, id, w->lists + p * k->mask_words);
    }
    count = k->name_longest > 1 ? sift(&k->names, w->runs, from, to - 1, w->sifted) : 0;
    for (int64_t c = 0, p = b.from; c < count; c++) {
        const int64_t i = (int64_t)w->sifted[c];
        while (w->first[p + 1] <= i) p++;
        uint64_t key = w->runs[i];
        for (int64_t next = i + 1; next < w->first[p + 1] && next - i < k->name_longest && may_be(&k->names, key);) {
            const uint32_t id = find(&k->names, key);
            if (!id) break;
            add_lists(k, id, w->lists + p * k->mask_words);
            if (++next < w->first[p + 1]) key = chain(key, tokens[next]);
        }
    }
    return 0;
}

/* Append the rows that hint terms of these lists have, skipping those with none; `rows` has one a list. */
static int64_t add_hints(const Kernel *k, const uint64_t *lists, const int32_t *rows, uint32_t *out, int64_t count) {
    for (int64_t m = 0; m < k->mask_words; m++)
        for (uint64_t bits = lists[m]; bits; bits &= bits - 1) {
            int64_t list = 64 * m + __builtin_ctzll(bits);
            if (list < k->lists && rows[list] >= 0) out[count++] = (uint32_t)rows[list];
        }
    return count;
}

/* Append the rows of the pairs of these lists. */
static int64_t add_pairs(const Kernel *k, const uint64_t *lists, uint32_t *out, int64_t count) {
    for (int64_t m = 0; m < k->mask_words; m++)
        for (uint64_t bits = lists[m]; bits; bits &= bits - 1) {
            int64_t list = 64 * m + __builtin_ctzll(bits);
            if (list < k->lists) count = add_hints(k, lists, k->rows + 4 * k->lists + list * k->lists, out, count);
        }
    return count;
}

enum { FEW_ROWS = 512 }; /* of these few, even the worst order takes no longer than a sentence; a file may bring millions */

static int compare_rows(const void *a, const void *b) {
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

static void sort_rows(uint32_t *rows, int64_t n) { /* they come nearly sorted */
    if (n > FEW_ROWS) {
        qsort(rows, (size_t)n, sizeof *rows, compare_rows);
        return;
    }
    for (int64_t i = 1; i < n; i++) {
        uint32_t row = rows[i];
        int64_t at = i;
        for (; at > 0 && rows[at - 1] > row; at--) rows[at] = rows[at - 1];
        rows[at] = row;
    }
}

/* Add to `scores` of some topics, as many as the name says, the rows of n terms by their values; a sum stays in a register. */
#define ADD_ROWS(TOPICS)                                                                                               \
    static inline void add_rows_##TOPICS(const float *weights, int64_t width, const uint32_t *ids, const double *values, \
                                         int64_t n, double *scores) {                                                  \
        double sums[TOPICS];                                                                                           \
        memcpy(sums, scores, sizeof sums);                                                                             \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            const float *row = weights + ids[i] * width;                                                               \
            for (int q = TOPICS; TOPICS >= 8 && q < 2 * TOPICS; q += 16) FETCH(row + q); /* for the next call */       \
            for (int q = 0; q < TOPICS; q++) sums[q] += values[i] * (double)row[q];                                    \
        }                                                                                                              \
        memcpy(scores, sums, sizeof sums);                                                                             \
    }
ADD_ROWS(1)
ADD_ROWS(2)
ADD_ROWS(3)
ADD_ROWS(4)
ADD_ROWS(5)
ADD_ROWS(6)
ADD_ROWS(7)
ADD_ROWS(8)
ADD_ROWS(32)

#define CASE(TOPICS) case TOPICS: add_rows_##TOPICS(k->weights + q, k->width, ids, values, n, scores + q); break;

CLONES static void add_rows(const Kernel *k, const uint32_t *ids, const double *values, int64_t n, double *scores) {
    int64_t q = 0;
    for (; q + 32 <= k->width; q += 32) add_rows_32(k->weights + q, k->width, ids, values, n, scores + q);
    for (; q + 8 <= k->width; q += 8) add_rows_8(k->weights + q, k->width, ids, values, n, scores + q);
    switch (k->width - q) { CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) }
}

static inline double sublinear(const Kernel *k, uint32_t count) {
    return count < LOGARITHMS ? k->logarithm[count] : 1.0 + log((double)count);
}

/* Append the terms that keys `from` .. `to` are to w->found, in their order; returns how many there are now. Words are not
 * sifted: nearly all are terms. */
static int64_t find_keys(const Kernel *k, workspace *w, const uint64_t *restrict keys, int64_t count, int64_t from, int64_t to,
                         int64_t used) {
    const table terms = k->terms; /* what stores into w->found cannot change, as the compiler cannot know */
    const double *idf = k->idf;
    const float *weights = k->weights;
    const uint32_t *counts = w->count;
    const int64_t width = k->width, most = count - 1 - AHEAD;
    uint32_t *restrict found = w->found;
    for (int64_t i = from; i < to; i++) {
        FETCH(terms.slots + (keys[(i < most ? i : most) + AHEAD] & terms.mask));
        const uint32_t id = find(&terms, keys[i]), row = id - (id != 0);
        found[used] = row;
        used += id != 0;
        FETCH(counts + row);
        FETCH(idf + row);
        const float *first = weights + row * width;
        FETCH(first);
        FETCH(first + width - 1);
        for (int64_t q = 16; q < width; q += 16) FETCH(first + q);
    }
    return used;
}

/* The keys of runs of some length that may be terms in w->sifted; returns how many. Those one shorter are in w->runs, but for
 * pairs, which are there themselves. */
static int64_t sift_runs(const Kernel *k, workspace *w, block b, int64_t length) {
    const table terms = k->terms;
    const uint64_t *tokens = w->hand.tokens.items;
    uint64_t *restrict runs = w->runs, *restrict sifted = w->sifted;
    int64_t count = 0;
    for (int64_t p = b.from; p < b.to; p++) {
        const int64_t last = w->first[p + 1] - length;
        if (length > 2) for (int64_t i = w->first[p]; i <= last; i++) runs[i] = chain(runs[i], tokens[i + length - 1]);
        for (int64_t i = w->first[p]; i <= last; i++) {
            sifted[count] = runs[i];
            count += (int64_t)may_be(&terms, runs[i]);
        }
        w->until[p - b.from] = count;
    }
    return count;
}

/* All terms of the passages in w->found, in the order of their occurrence. */
static int find_terms(const Kernel *k, workspace *w, block b) {
    const int64_t n = w->first[b.to] - w->first[b.from], passages = b.to - b.from;
    const uint64_t *tokens = w->hand.tokens.items;
    int64_t used = 0;
    if (grow(&w->sifted, &w->sifted_room, n + 1, 8) || grow(&w->found, &w->found_room, n * k->longest + 1, 4)) return -1;
    for (int64_t i = w->first[b.from]; i < w->first[b.to] && i < w->first[b.from] + AHEAD; i++)
        FETCH(k->terms.slots + (tokens[i] & k->terms.mask));
    for (int64_t p = b.from; p < b.to; p++)
        w->ends[p - b.from] = used = find_keys(k, w, tokens, w->first[b.to], w->first[p], w->first[p + 1], used);
    for (int64_t length = 2; length <= k->longest; length++) {
        const int64_t count = sift_runs(k, w, b, length);
        for (int64_t i = 0; i < count && i < AHEAD; i++) FETCH(k->terms.slots + (w->sifted[i] & k->terms.mask));
        for (int64_t p = 0; p < passages; p++)
            w->ends[(length - 1) * passages + p] = used =
                find_keys(k, w, w->sifted, count, p ? w->until[p - 1] : 0, w->until[p], used);
    }
    return 0;
}

/* The terms of a passage, each once, in w->ids, and their weights in w->values; returns how many, -1 if no memory is left. */
static int64_t weigh_terms(const Kernel *k, workspace *w, block b, int64_t p) {
    const int64_t room = (w->first[p + 1] - w->first[p]) * k->longest + 1;
    if (grow(&w->ids, &w->ids_room, room, 4) || grow(&w->values, &w->values_room, room, 8)) return -1;
    const uint32_t *found = w->found;
    uint32_t *restrict ids = w->ids, *restrict counts = w->count;
    double *restrict values = w->values;
    int64_t used = 0, single = 0, common = 0;
    for (int64_t length = 0; length < k->longest; length++) {
        const int64_t at = length * (b.to - b.from) + p - b.from, from = at ? w->ends[at - 1] : 0, to = w->ends[at];
        for (int64_t i = from; i < to; i++) {
            const uint32_t id = found[i];
            ids[used] = id;
            used += counts[id]++ == 0;
        }
        if (length == 0) single = used, w->known += to - from;
    }
    const double *idfs = k->idf, common_idf = k->common_idf;
    double squares = 0.0;
    for (int64_t i = 0; i < used; i++) {
        const uint32_t id = ids[i], count = counts[id];
        const double idf = idfs[id], value = values[i] = sublinear(k, count) * idf;
        squares += value * value;
        common += i < single && idf <= common_idf ? count : 0; /* no branch: it cannot be foreseen */
        counts[id] = 0;
    }
    w->common += common;
    const double scale = 1.0 / sqrt(squares); /* not used where there is no term */
    for (int64_t i = 0; i < used; i++) values[i] *= scale;
    return used;
}

/* Add the rows of hints to scores, in the order of their rows. */
static void add_held(const Kernel *k, workspace *w, int64_t hints, double *scores) {
    sort_rows(w->hints, hints);
    for (int64_t i = 0; i < hints; i++) w->hint_values[i] = k->idf[w->hints[i]];
    add_rows(k, w->hints, w->hint_values, hints, scores);
}

/* What all passages of an article begin with, in w->base: the bias, and hints of the whole article. */
static void score_base(const Kernel *k, workspace *w) {
    int64_t hints = add_hints(k, w->somewhere, k->rows + 3 * k->lists, w->hints, 0);
    hints = add_hints(k, w->title, k->rows + k->lists, w->hints, hints);
    memcpy(w->base, k->bias, (size_t)k->width * sizeof(double));
    add_held(k, w, hints, w->base);
}

/* The scores of a passage in w->scores. The order of all sums is that of the reference. */
static int score_passage(const Kernel *k, workspace *w, block b, int64_t p) {
    const uint64_t *own = w->lists + p * k->mask_words, *before = p ? own - k->mask_words : w->before;
    const int64_t used = weigh_terms(k, w, b, p);
    if (used < 0) return -1;
    memcpy(w->scores, w->base, (size_t)k->width * sizeof(double));
    add_rows(k, w->ids, w->values, used, w->scores);
    int64_t hints = add_hints(k, before, k->rows + 2 * k->lists, w->hints, 0);
    hints = add_hints(k, own, k->rows, w->hints, hints);
    hints = add_pairs(k, own, w->hints, hints);
    add_held(k, w, hints, w->scores);
    return 0;
}

/* --------------------------------------------------------------------------------------------------------- articles */

typedef struct {
    string string;     /* its content */
    int64_t offset;    /* the body begins there, before it stands the title */
    span *own;         /* spans of the body that are the article's own; NULL for all of it */
    int64_t own_count;
    PyObject *content; /* held while it is read without the interpreter lock */
} article;

static void release(workspace *w) {
    if (!w) return;
    forget_text(&w->hand);
    free(w->first); free(w->runs); free(w->sifted); free(w->until);
    free(w->found); free(w->ends); free(w->ids); free(w->values); free(w->count);
    free(w->before); free(w->lists); free(w->base); free(w->scores); free(w->best); free(w->where);
    free(w->hints); free(w->hint_values); free(w->passages.items);
    free(w);
}

/* A workspace with all that does not grow with a text; NULL if there is no memory. */
static workspace *make_workspace(const Kernel *k) {
    workspace *w = calloc(1, sizeof *w);
    size_t masks = (size_t)k->mask_words + 1, lists = (size_t)k->lists;
    if (!w) return NULL;
    w->count = calloc((size_t)k->size + 1, 4);
    w->before = malloc(masks * 3 * 8);
    w->base = malloc((size_t)k->width * sizeof(double));
    w->scores = malloc((size_t)k->width * sizeof(double));
    w->best = malloc((size_t)k->width * sizeof(double));
    w->where = malloc((size_t)k->width * sizeof(int64_t));
    w->hints = malloc((4 * lists + lists * lists + 1) * sizeof(uint32_t));
    w->hint_values = malloc((4 * lists + lists * lists + 1) * sizeof(double));
    if (!w->count || !w->before || !w->base || !w->scores || !w->best || !w->where || !w->hints || !w->hint_values) {
        release(w);
        return NULL;
    }
    w->title = w->before + masks, w->somewhere = w->before + 2 * masks;
    return w;
}

/* Forget the article before, and make room for so many passages. */
static int begin(const Kernel *k, workspace *w, int64_t passages) {
    int64_t masks = k->mask_words + 1;
    if (passages >= w->room) {
        const size_t room = (size_t)passages * 2 + 64;
        free(w->lists); free(w->first); free(w->until); free(w->ends);
        w->room = 0;
        w->lists = malloc((size_t)masks * room * 8);
        w->first = malloc((room + 1) * 8), w->until = malloc(room * 8), w->ends = malloc((size_t)k->longest * room * 8);
        if (!w->lists || !w->first || !w->until || !w->ends) return -1;
        w->room = (int64_t)room;
    }
    memset(w->before, 0, (size_t)masks * 3 * 8);
    memset(w->lists, 0, (size_t)masks * (size_t)(passages + 1) * 8);
    memcpy(w->best, k->bias, (size_t)k->width * sizeof(double));
    for (int64_t q = 0; q < k->width; q++) w->where[q] = -1;
    w->hand.tokens.count = 0;
    w->known = w->common = w->total = 0;
    return 0;
}

static void take_best(const Kernel *k, workspace *w, int64_t number) {
    for (int64_t q = 0; q < k->width; q++) { /* no branch: which passage is better cannot be foreseen */
        const int better = (w->where[q] < 0) | (w->scores[q] > w->best[q]);
        w->best[q] = better ? w->scores[q] : w->best[q], w->where[q] = better ? number : w->where[q];
    }
}

/* The sentences of an article that are its own: those that begin in the title or in an own span of the body. */
static int own_sentences(const Kernel *k, const article *a, workspace *w) {
    int64_t title_end = a->offset >= 2 ? a->offset - 2 : 0; /* title, blank line, body */
    w->hand.sentences.count = w->passages.count = 0;
    w->everything = w->kept = a->offset ? title_end : 0;
    if (sentence_spans(&k->reading, &w->hand, a->offset, a->string.length)) return -1;
    if (a->offset && add_span(&w->passages, 0, title_end)) return -1;
    int64_t at = 0;
    for (int64_t i = 0; i < w->hand.sentences.count; i++) {
        span s = w->hand.sentences.items[i];
        w->everything += s.end - s.start;
        if (a->own) { /* both are in order: the last own span that begins at or before the sentence */
            while (at + 1 < a->own_count && a->own[at + 1].start <= s.start) at++;
            if (!a->own_count || s.start < a->own[at].start || s.start >= a->own[at].end) continue;
        }
        w->kept += s.end - s.start;
        if (add_span(&w->passages, s.start + a->offset, s.end + a->offset)) return -1;
    }
    return 0;
}

/* Score the passages whose tokens have been read; names first: a sentence hears of those in its neighbours. */
static int score_passages(const Kernel *k, workspace *w, int64_t passages) {
    const int64_t M = k->mask_words;
    w->first[passages] = w->total = w->hand.tokens.count;
    if (chain_pairs(k, w)) return -1;
    for (block b = {0, 0}; M && b.to < passages;) {
        b = next_block(w, b.to, passages);
        if (find_names(k, w, b)) return -1;
    }
    for (int64_t i = 0; i < passages * M; i++) w->somewhere[i % M] |= w->lists[i];
    memcpy(w->title, w->lists, (size_t)M * 8);
    score_base(k, w);
    for (block b = {0, 0}; b.to < passages;) {
        b = next_block(w, b.to, passages);
        if (find_terms(k, w, b)) return -1;
        for (int64_t p = b.from; p < b.to; p++) {
            if (score_passage(k, w, b, p)) return -1;
            take_best(k, w, p);
        }
    }
    return 0;
}

static int score_sentences(const Kernel *k, const article *a, workspace *w) {
    if (own_sentences(k, a, w) || begin(k, w, w->passages.count)) return -1;
    for (int64_t i = 0; i < w->passages.count; i++) {
        w->first[i] = w->hand.tokens.count;
        if (read_tokens(&k->reading, &w->hand, w->passages.items[i].start, w->passages.items[i].end)) return -1;
    }
    return score_passages(k, w, w->passages.count);
}

static int score_whole(const Kernel *k, const article *a, workspace *w) {
    const span everything = {0, a->string.length - a->offset}, *own = a->own ? a->own : &everything;
    int64_t count = a->own ? a->own_count : 1;
    w->everything = a->string.length - a->offset, w->kept = 0;
    if (begin(k, w, 1)) return -1;
    if (!a->string.length) return 0;
    if (read_tokens(&k->reading, &w->hand, 0, a->offset)) return -1;
    for (int64_t i = 0; i < count; i++) {
        if (read_tokens(&k->reading, &w->hand, a->offset + own[i].start, a->offset + own[i].end)) return -1;
        w->kept += own[i].end - own[i].start;
    }
    w->first[0] = 0;
    return score_passages(k, w, 1);
}

static int score_article(const Kernel *k, const article *a, workspace *w) {
    return k->by_sentence ? score_sentences(k, a, w) : score_whole(k, a, w);
}

/* ----------------------------------------------------------------------------------------------------------- Python */

static const double LEAST = 1e-6, MOST = 1e6; /* as in `storage` */

/* Every number that a look-up follows lies where it may. */
static int check(Kernel *k) {
    Py_buffer *b = k->buffer;
    k->size = b[B_IDF].len / 8;
    if (k->width < 1 || b[B_BIAS].len != k->width * 8) return wrong("bias is not one a topic");
    if (b[B_IDF].len % 8 || k->size > INT32_MAX || b[B_WEIGHTS].len / 4 / k->width != k->size || b[B_WEIGHTS].len % (4 * k->width))
        return wrong("idf and weights are not of one length");
    const struct { table *t; int at, sieve; uint64_t ids; const char *name; } tables[] = {
        {&k->terms, B_SLOTS, B_SIEVE, (uint64_t)k->size, "the table of terms"},
        {&k->names, B_NAMES, B_NAME_SIEVE, (uint64_t)b[B_MASKS].len / 8 / (uint64_t)(k->mask_words ? k->mask_words : 1),
         "the table of names"},
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
        uint64_t words = (uint64_t)b[tables[i].sieve].len / 8;
        if (!words || (words & (words - 1)) || b[tables[i].sieve].len % 8) return wrong("the length of a sieve");
        *tables[i].t = (table){slots, b[tables[i].sieve].buf, n - 1, words - 1};
    }
    if (b[B_ROWS].len != (4 * k->lists + k->lists * k->lists) * 4) return wrong("the rows of hints are not of one length");
    for (int64_t i = 0; i < b[B_ROWS].len / 4; i++)
        if (k->rows[i] < -1 || k->rows[i] >= k->size) return wrong("a row that is not there");
    const uint8_t *text = b[B_TERMS].buf;
    int64_t lines = 1;
    uint8_t all = 0;
    for (int64_t i = 0; i < b[B_TERMS].len; i++) lines += text[i] == '\n', all |= text[i];
    PyObject *decoded = all < 128 ? NULL : PyUnicode_DecodeUTF8((const char *)text, b[B_TERMS].len, "strict");
    if (all >= 128 && !decoded) return -1;
    Py_XDECREF(decoded);
    if (lines != (k->size ? k->size : 1)) return wrong("terms and idf are not of one length");
    if (k->longest < 1 || k->longest > LONGEST_RUN || k->name_longest < (k->lists > 0) || k->name_longest > 64)
        return wrong("the length of runs");
    /* Within these bounds no sum can overflow, and no length of a passage vanish; what is no number is in none of them. */
    for (int64_t i = 0; i < k->size; i++) if (!(k->idf[i] >= LEAST && k->idf[i] <= MOST)) return wrong("an idf that is none");
    for (int64_t i = 0; i < k->size * k->width; i++)
        if (!(fabsf(k->weights[i]) <= (float)MOST)) return wrong("a weight not finite, or out of bounds");
    for (int64_t i = 0; i < k->width; i++) if (!(fabs(k->bias[i]) <= MOST)) return wrong("a bias not finite, or out of bounds");
    return 0;
}

/* A workspace that is not at work, a new one if all are; NULL if there is no memory. */
static workspace *take_workspace(Kernel *k) {
    workspace *w = k->spare;
    if (!w) return make_workspace(k);
    k->spare = w->next;
    return w;
}

/* Keep a workspace for the next call, but not if counts may be left over, nor a huge article's room. */
static void give_back(Kernel *k, workspace *w, int bad) {
    if (!w) return;
    if (bad || w->hand.narrow_room > KEPT || w->hand.texts_room > KEPT) { release(w); return; }
    w->next = k->spare, k->spare = w;
}

static void Kernel_dealloc(PyObject *self) {
    Kernel *k = (Kernel *)self;
    while (k->held) PyBuffer_Release(&k->buffer[--k->held]);
    close_reading(&k->reading);
    close_openings(&k->openings);
    while (k->spare) release(take_workspace(k));
    free_object(self);
}

static PyObject *Kernel_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    PyObject *tables, *lists_of_words, *first_look;
    long long width, lists, longest, name_longest;
    double common_idf;
    int by_sentence;
    if (!PyArg_ParseTuple(args, "OLLLLpdOO", &tables, &width, &lists, &longest, &name_longest, &by_sentence, &common_idf,
                          &lists_of_words, &first_look))
        return NULL;
    Kernel *k = new_object(type, keywords);
    if (!k) return NULL;
    if (take_buffers(tables, BUFFERS, k->buffer, &k->held)) { Py_DECREF(k); return NULL; }
    k->idf = k->buffer[B_IDF].buf, k->weights = k->buffer[B_WEIGHTS].buf, k->bias = k->buffer[B_BIAS].buf;
    k->masks = k->buffer[B_MASKS].buf, k->rows = k->buffer[B_ROWS].buf;
    if (lists < 0 || lists > 4096 || width < 1 || width > INT32_MAX) {
        wrong("the number of lists or topics");
        Py_DECREF(k);
        return NULL;
    }
    k->width = width, k->lists = lists, k->mask_words = (lists + 63) / 64;
    k->longest = longest, k->name_longest = name_longest, k->by_sentence = by_sentence, k->common_idf = common_idf;
    for (int n = 1; n < LOGARITHMS; n++) k->logarithm[n] = 1.0 + log((double)n);
    if (open_reading(&k->reading, k->buffer, lists_of_words) || open_openings(&k->openings, first_look) || check(k)) { Py_DECREF(k); return NULL; }
    return (PyObject *)k;
}

/* Read one request as an article whose content comes to stand at `at`. How many characters were copied, -1 with an error set. */
static int64_t read_request(const Kernel *k, PyObject *request, workspace *w, int64_t at, article *a) {
    PyObject *content, *own = Py_None;
    long long offset;
    *a = (article){.string = {.at = at}};
    if (!request) { PyErr_Clear(); return wrong("the requests changed meanwhile"); }
    if (!PyTuple_Check(request)) { PyErr_SetString(PyExc_TypeError, "a request is a tuple"); return -1; }
    if (!PyArg_ParseTuple(request, "OL|O", &content, &offset, &own)) return -1;
    int64_t copied = take_text(&k->reading, content, k->by_sentence, &w->hand, &a->string);
    if (copied < 0) return -1;
    a->offset = offset;
    if (offset < 0 || offset > a->string.length) return wrong("the body begins outside the content");
    if (own != Py_None && !(a->own = read_spans(own, a->string.length - offset, &a->own_count))) return -1;
    Py_INCREF(content);
    a->content = content;
    return copied;
}

static void forget(article *a) {
    free(a->own);
    Py_XDECREF(a->content);
}

/* What was found of the article at hand, as Python has it: see `model.Kernel.answer`. */
static PyObject *make_answer(const Kernel *k, const workspace *w) {
    PyObject *scores = PyList_New((Py_ssize_t)k->width), *places = PyList_New((Py_ssize_t)k->width), *answer = NULL;
    for (int64_t q = 0; scores && places && q < k->width; q++) {
        const span nowhere = {-1, -1}, where = k->by_sentence && w->where[q] >= 0 ? w->passages.items[w->where[q]] : nowhere;
        PyObject *score = PyFloat_FromDouble(w->best[q]), *place = pair_of(where);
        if (!score || !place) { Py_XDECREF(score); Py_XDECREF(place); goto done; }
        PyList_SetItem(scores, (Py_ssize_t)q, score), PyList_SetItem(places, (Py_ssize_t)q, place);
    }
    if (scores && places)
        answer = Py_BuildValue("(OOLLLL)", scores, places, (long long)(w->everything - w->kept), (long long)w->total,
                               (long long)w->known, (long long)w->common);
done:
    Py_XDECREF(scores); Py_XDECREF(places);
    return answer;
}

/* The answer on a request. With `clean` it is None if a line of the body may be page furniture's, by how it begins. */
static PyObject *answer_request(Kernel *k, PyObject *request, int clean) {
    workspace *w = take_workspace(k);
    article a = {0};
    PyObject *answer = NULL;
    if (!w) return PyErr_NoMemory();
    int bad = read_request(k, request, w, 0, &a) < 0, looked_at = 0;
    if (!bad) {
        Py_BEGIN_ALLOW_THREADS
        bad = narrow_text(&w->hand, &a.string);
        looked_at = !bad && clean && next_opening(&k->openings, &w->hand, a.offset, a.string.length).start >= 0;
        bad = bad || (!looked_at && score_article(k, &a, w));
        Py_END_ALLOW_THREADS
        if (bad) PyErr_NoMemory();
        else if (looked_at) { Py_INCREF(Py_None); answer = Py_None; }
        else answer = make_answer(k, w);
    }
    forget(&a);
    give_back(k, w, bad);
    return answer;
}

/* answer(content, offset, own) or answer_clean(content, offset)
 * -> (scores, spans of the best passages or None, set aside, tokens, known, common) */
static PyObject *Kernel_answer(PyObject *self, PyObject *request) { return answer_request((Kernel *)self, request, 0); }
static PyObject *Kernel_answer_clean(PyObject *self, PyObject *request) { return answer_request((Kernel *)self, request, 1); }

/* So many articles are scored without the interpreter lock at one go, and about so many characters: to be handed the lock takes
 * as long as a dozen articles, if another thread has it. */
enum { AT_ONCE = 256, CHARACTERS_AT_ONCE = 1 << 20 };

/* Score the requests `from` .. `to`, as many as go together, into `scores`; returns how many, or -1 with an error set. */
static int64_t score_some(const Kernel *k, PyObject *list, Py_ssize_t from, Py_ssize_t to, workspace *w, article *articles,
                          double *scores) {
    int64_t count = 0, at = 0, characters = 0;
    int bad = 0;
    for (Py_ssize_t i = from; !bad && i < to && count < AT_ONCE && characters < CHARACTERS_AT_ONCE; i++) {
        PyObject *request = PyList_GetItem(list, i); /* NULL if the list is shorter meanwhile */
        Py_XINCREF(request); /* reading it may run code that empties the list */
        int64_t copied = read_request(k, request, w, at, &articles[count]);
        Py_XDECREF(request);
        bad = copied < 0;
        at += copied, characters += articles[count++].string.length;
    }
    if (!bad && count) {
        Py_BEGIN_ALLOW_THREADS
        for (int64_t i = 0; !bad && i < count; i++) {
            bad = narrow_text(&w->hand, &articles[i].string) || score_article(k, &articles[i], w);
            memcpy(scores + i * k->width, w->best, (size_t)k->width * sizeof(double));
        }
        Py_END_ALLOW_THREADS
        if (bad) PyErr_NoMemory();
    }
    for (int64_t i = 0; i < count; i++) forget(&articles[i]);
    return bad ? -1 : count;
}

/* scores([(content, offset, own)]) -> bytes: a double a topic and request */
static PyObject *Kernel_scores(PyObject *self, PyObject *list) {
    Kernel *k = (Kernel *)self;
    if (!PyList_Check(list)) { PyErr_SetString(PyExc_TypeError, "requests are a list"); return NULL; }
    const Py_ssize_t count = PyList_Size(list);
    if (count > PY_SSIZE_T_MAX / 8 / k->width) return PyErr_NoMemory();
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * k->width * 8));
    article *articles = malloc(AT_ONCE * sizeof *articles);
    workspace *w = take_workspace(k);
    int bad = !bytes || !articles || !w;
    if (bad && !PyErr_Occurred()) PyErr_NoMemory();
    for (Py_ssize_t from = 0; !bad && from < count;) {
        int64_t done = score_some(k, list, from, count, w, articles, (double *)PyBytes_AsString(bytes) + from * k->width);
        bad = done < 0;
        from += (Py_ssize_t)done;
    }
    free(articles);
    give_back(k, w, bad);
    if (!bad) return bytes;
    Py_XDECREF(bytes);
    return NULL;
}

/* row(key) -> the number of the term with this key, -1 if there is none */
static PyObject *Kernel_row(PyObject *self, PyObject *key) {
    unsigned long long number = PyLong_AsUnsignedLongLong(key);
    if (number == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
    return PyLong_FromLongLong((long long)find(&((Kernel *)self)->terms, number) - 1);
}

static PyObject *Kernel_sentences(PyObject *self, PyObject *text) { return list_sentences(&((Kernel *)self)->reading, text); }
static PyObject *Kernel_tokens(PyObject *self, PyObject *text) { return list_tokens(&((Kernel *)self)->reading, text, 0); }
static PyObject *Kernel_token_spans(PyObject *self, PyObject *text) { return list_tokens(&((Kernel *)self)->reading, text, 1); }

static PyMethodDef kernel_methods[] = {
    {"answer", Kernel_answer, METH_VARARGS, "answer(content, offset, own): scores, spans, set aside, tokens, known, common."},
    {"answer_clean", Kernel_answer_clean, METH_VARARGS, "answer_clean(content, offset): None if the body may have page furniture."},
    {"scores", Kernel_scores, METH_O, "scores([(content, offset, own)]): the scores alone, doubles in bytes."},
    {"sentences", Kernel_sentences, METH_O, "sentences(text): the spans of its sentences."},
    {"tokens", Kernel_tokens, METH_O, "tokens(text): its tokens."},
    {"token_spans", Kernel_token_spans, METH_O, "token_spans(text): its tokens, each with start and end."},
    {"row", Kernel_row, METH_O, "row(key): the number of a term."},
    {NULL, NULL, 0, NULL}};
static PyType_Slot kernel_slots[] = {{Py_tp_new, Kernel_new},
                                   {Py_tp_dealloc, Kernel_dealloc},
                                   {Py_tp_methods, kernel_methods},
                                   {Py_tp_doc, "The tables of a model, checked; see features."},
                                   {0, NULL}};
static PyType_Spec kernel_spec = {"classifier._kernel.Kernel", sizeof(Kernel), 0, Py_TPFLAGS_DEFAULT, kernel_slots};

#endif
