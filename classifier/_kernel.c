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
#include <wchar.h>

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

typedef uint32_t character;
typedef struct { uint32_t tag, id; } slot; /* high half of a key; number of the term + 1, 0 for an empty slot */
typedef struct { int64_t start, end; } span;
typedef struct { const slot *slots; const uint64_t *sieve; uint64_t mask, sieve_mask; } table; /* sieve: bits that keys have */
typedef struct { char *text; Py_ssize_t length; } words; /* "\nmr\nmrs\n…\n" */

enum { PAGES = 0x110000 / 256, LONGEST_LIST_WORD = 24, LONGEST_RUN = 5, LOGARITHMS = 64 };
#ifdef EXACT_ROOM /* for sanitizers, which see a step beyond a room only where it ends: none to spare in small ones, none kept */
enum { EXACT = 4096, KEPT = 0 };
#else
enum { EXACT = 0, KEPT = 1 << 20 };
#endif
/* What `text.character_class` says of a character. */
enum {
    SPACE = 1, LOWER = 2, UPPER = 4, TITLE = 8, ALNUM = 16, ALPHA = 32, DIGIT = 64, END = 128, END_ALONE = 256, CLOSER = 512,
    OPENER = 1024, BULLET = 2048, STICKY = 4096
};

enum { B_PAGES, B_FOLDS, B_CLASSES, B_SLOTS, B_IDF, B_WEIGHTS, B_BIAS, B_NAMES, B_MASKS, B_ROWS, B_SIEVE, B_NAME_SIEVE, B_TERMS, BUFFERS };

typedef struct { span *items; int64_t count, room; } spans;
typedef struct { uint64_t *items; int64_t count, room; } keys;

typedef struct {
    character *text; /* what is read, many articles one behind the other */
    uint8_t *narrow; /* of each character: the fold of a letter or digit of ASCII, 0 for a separator, ASK for the table */
    uint8_t *bytes;  /* of each character: itself if it is ASCII, or ASK */
    int64_t *edges;  /* where tokens of the passage at hand begin and end, in turn */
    int64_t text_room, narrow_room, bytes_room, edges_room;
    keys tokens;           /* of the passages, one behind the other */
    int64_t *first;        /* where the tokens of a passage begin in `tokens`; and behind the last passage, their number */
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
    double *scores, *best;
    int64_t *where; /* the passage of the best score, -1 for none */
    uint32_t *hints; /* rows of hints that hold, */
    double *hint_values;
    spans lines, body, passages;
    int64_t room; /* passages there is room for */
    int64_t known, common, total, everything, kept;
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
    PyObject *isascii;            /* the name of the question */
    workspace *spare;             /* that of the last call; taken and given back under the interpreter lock */
} Kernel;

/* ------------------------------------------------------------------------------------------------------- characters */

static inline uint16_t class_of(const Kernel *k, character c) { return k->classes[k->pages[c >> 8] * 256u + (c & 255)]; }
static inline int is(const Kernel *k, character c, int kind) { return (class_of(k, c) & kind) != 0; }

/* ---------------------------------------------------------------------------------------------------------- growing */

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
    while (stop > begin && is(k, t[stop], CLOSER)) stop--; /* to what ends it, unless a file says that this closes too */
    if (is(k, t[stop], END_ALONE)) return 1;
    if (!is(k, t[position], SPACE)) return glued(k, t, begin, stop, position, length);
    int64_t first = position;
    while (first < end && is(k, t[first], SPACE)) first++;
    while (first < end && is(k, t[first], OPENER | SPACE)) first++;
    if (first >= end || is(k, t[first], LOWER)) return 0;
    if (t[stop] != '.' || (stop > begin && is(k, t[stop - 1], END))) return 1;
    return !is_abbreviation(k, t, begin, stop, first, end);
}

/* A high bit at each of eight bytes that is this one; above the lowest bit that is set others may be set wrongly. */
static inline uint64_t bytes_like(uint64_t bytes, char one) {
    const uint64_t ones = 0x0101010101010101u, x = bytes ^ (ones * (uint8_t)one);
    return (x - ones) & ~x;
}

/* Where a sentence may end next, at or behind a place: the marks of ASCII that end one, and all that is not ASCII. */
static inline int64_t next_mark(const uint8_t *bytes, int64_t from) {
    for (uint64_t x;; from += 8) {
        memcpy(&x, bytes + from, 8);
        x = (bytes_like(x, '.') | bytes_like(x, '!') | bytes_like(x, '?') | x) & 0x8080808080808080u;
        if (x) return from + (__builtin_ctzll(x) >> 3);
    }
}

static int split_passage(const Kernel *k, const character *t, const uint8_t *bytes, int64_t start, int64_t end, int64_t length,
                         spans *out) {
    int64_t position = start, begin = start;
    while ((position = next_mark(bytes, position)) < end) {
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

static int join_wrapped(const Kernel *k, const character *t, const uint8_t *bytes, const span *lines, int64_t count, int64_t length, spans *out) {
    if (!count) return 0;
    int64_t width = 0, start = lines[0].start;
    for (int64_t i = 0; i < count; i++) if (lines[i].end - lines[i].start > width) width = lines[i].end - lines[i].start;
    for (int64_t i = 0; i + 1 < count; i++)
        if (!is_wrap(k, t, lines[i], lines[i + 1], width, NARROWEST, WIDEST)) {
            if (split_passage(k, t, bytes, start, lines[i].end, length, out)) return -1;
            start = lines[i + 1].start;
        }
    return split_passage(k, t, bytes, start, lines[count - 1].end, length, out);
}

/* Where the line ends that has a character at `from`. */
static int64_t line_end(const character *t, int64_t from, int64_t length) {
    if (sizeof(wchar_t) == sizeof(character)) {
        const wchar_t *found = wmemchr((const wchar_t *)t + from, L'\n', (size_t)(length - from));
        return found ? found - (const wchar_t *)t : length;
    }
    while (from < length && t[from] != '\n') from++;
    return from;
}

/* The sentences of t[0:length], in order; `bytes` is what w->bytes holds of them. */
static int sentence_spans(const Kernel *k, const character *t, const uint8_t *bytes, int64_t length, spans *lines, spans *out) {
    int64_t position = 0;
    lines->count = 0;
    for (;;) {
        int64_t stop = line_end(t, position, length), start = position, end = stop;
        while (start < end && is(k, t[start], SPACE)) start++;
        while (end > start && is(k, t[end - 1], SPACE)) end--;
        if (start < end) {
            if (add_span(lines, start, end)) return -1;
        } else {
            if (join_wrapped(k, t, bytes, lines->items, lines->count, length, out)) return -1;
            lines->count = 0;
        }
        if (stop >= length) break;
        position = stop + 1;
    }
    return join_wrapped(k, t, bytes, lines->items, lines->count, length, out);
}

/* ------------------------------------------------------------------------------------------------------------ terms */

static const uint64_t C1 = 0x9E3779B97F4A7C15u, C2 = 0xD6E8FEB86659FD93u; /* as in `tables` */
static inline uint64_t mix(uint64_t h) { h *= C1; return h ^ (h >> 32); }
static inline uint64_t chain(uint64_t a, uint64_t b) { a = (a ^ (b * C2)) * C1 + b; return a ^ (a >> 32); }

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

enum { ASK = 255, BLOCK = 64, AROUND = BLOCK + 16 }; /* so many zeros stand behind the text: it is read in blocks */

/* The characters as bytes, ASK for each that is not ASCII. No branch here and below, so that many are done at once. */
BYTE_CLONES static void to_bytes(const character *restrict t, int64_t length, uint8_t *restrict out) {
    for (int64_t i = 0; i < length; i++) out[i] = (uint8_t)(t[i] < 128 ? t[i] : ASK);
}

/* What `narrow` holds of characters in bytes. */
BYTE_CLONES static void to_narrow(const uint8_t *restrict t, int64_t length, uint8_t *restrict out) {
    for (int64_t i = 0; i < length; i++) {
        uint8_t c = t[i], lower = c | 32;
        uint8_t folded = (uint8_t)(lower - 'a') < 26 ? lower : 0;
        folded = (uint8_t)(c - '0') < 10 ? c : folded;
        out[i] = c < 128 ? folded : ASK;
    }
}

/* The key of the token that begins at *at, character by character; *at is moved behind it. 0 if there is none. */
static uint64_t read_folds(const Kernel *k, const character *t, const uint8_t *narrow, int64_t *at, int64_t end) {
    uint64_t key = 0, chunk = 0;
    int bits = 0, some = 0;
    int64_t i = *at;
    for (; i < end; i++) {
        uint32_t f = narrow[i];
        if (f == ASK) f = k->folds[k->pages[t[i] >> 8] * 256u + (t[i] & 255)];
        if (f == 1) continue;
        if (!f) break;
        some = 1;
        do { /* the bytes of the fold, eight to a chunk */
            chunk |= (uint64_t)(f & 255) << bits;
            bits += 8;
            if (bits == 64) key = mix(key ^ chunk), chunk = 0, bits = 0;
        } while (f >>= 8);
    }
    *at = i + 1;
    if (bits) key = mix(key ^ chunk);
    return some ? key | (uint64_t)(key == 0) : 0;
}

/* A bit for each of eight bytes that is not 0. */
static inline uint64_t filled(const uint8_t *bytes) {
    const uint64_t low = 0x7F7F7F7F7F7F7F7Fu;
    uint64_t x;
    memcpy(&x, bytes, 8);
    x = (((x & low) + low) | x) & ~low; /* the high bit of each such byte, */
    return (x >> 7) * 0x0102040810204080u >> 56; /* gathered */
}

/* Where runs of non-zero bytes begin and end in w->narrow, in turn, onto w->edges; returns how many. */
static int64_t read_edges(workspace *w, int64_t start, int64_t end) {
    int64_t count = 0;
    uint64_t inside = 0;
    for (int64_t base = start; base < end; base += BLOCK) {
        uint64_t bits = 0;
        for (int j = 0; j < BLOCK / 8; j++) bits |= filled(w->narrow + base + 8 * j) << 8 * j;
        if (end - base < BLOCK) bits &= ((uint64_t)1 << (end - base)) - 1;
        for (uint64_t edges = bits ^ (bits << 1 | inside); edges; edges &= edges - 1)
            w->edges[count++] = base + __builtin_ctzll(edges);
        inside = bits >> (BLOCK - 1);
    }
    if (count & 1) w->edges[count++] = end;
    return count;
}

/* Append the keys of the tokens of a passage of w->text to w->tokens. */
static int read_tokens(const Kernel *k, workspace *w, int64_t start, int64_t end) {
    static const uint64_t kept[25] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF,
        0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull};
    const uint64_t highs = 0x8080808080808080u;
    keys *tokens = &w->tokens;
    if (grow(&tokens->items, &tokens->room, tokens->count + (end - start) / 2 + 1, 8) ||
        grow(&w->edges, &w->edges_room, end - start + 2, sizeof *w->edges))
        return -1;
    uint64_t *out = tokens->items + tokens->count;
    int64_t edges = read_edges(w, start, end);
    for (int64_t i = 0; i < edges; i += 2) {
        int64_t from = w->edges[i], to = w->edges[i + 1], length = to - from;
        uint64_t first, second;
        memcpy(&first, w->narrow + from, 8);
        memcpy(&second, w->narrow + from + 8, 8);
        if (length <= 16) {
            first &= kept[length + 8], second &= kept[length];
            uint64_t one = mix(first), two = mix(one ^ second), key = length > 8 ? two : one;
            *out = key | (uint64_t)(key == 0); /* no token has key 0: it would be taken for none */
            out += !((first | second) & highs);
            if (!((first | second) & highs)) continue;
        }
        while (from < to) {
            *out = read_folds(k, w->text, w->narrow, &from, to);
            out += *out != 0;
        }
    }
    tokens->count = out - tokens->items;
    return 0;
}

#if defined(__GNUC__)
#define FETCH(place) __builtin_prefetch(place)
#else
#define FETCH(place) ((void)0)
#endif
enum { AHEAD = 24 }; /* look-ups under way at once: about as many as a core keeps in flight */

/* The lists whose names stand in each passage, as bits in w->lists. The table also holds how names begin, with no list at all.
 *
 * Here and below what may be in a table is sifted first: which keys pass cannot be foreseen, so there is no branch, and of
 * those that are left nearly all are found, which can. An article is sifted at one go, so that many look-ups are under way. */
static int find_names(const Kernel *k, workspace *w, int64_t passages) {
    const uint64_t *tokens = w->tokens.items;
    int64_t count = 0, n = w->tokens.count, p = 0;
    if (grow(&w->sifted, &w->sifted_room, n + 1, 8)) return -1;
    for (int64_t i = 0; i < n; i++) {
        w->sifted[count] = (uint64_t)i;
        count += (int64_t)may_be(&k->names, tokens[i]);
    }
    for (int64_t c = 0; c < count; c++) {
        int64_t i = (int64_t)w->sifted[c], next = i;
        while (p + 1 < passages && w->first[p + 1] <= i) p++;
        uint64_t key = tokens[i], *lists = w->lists + p * k->mask_words;
        do {
            uint32_t id = find(&k->names, key);
            if (!id || next - i >= k->name_longest) break;
            for (int64_t m = 0; m < k->mask_words; m++) lists[m] |= k->masks[(id - 1) * k->mask_words + m];
            if (++next == w->first[p + 1]) break;
            key = chain(key, tokens[next]);
        } while (may_be(&k->names, key));
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
            for (int q = TOPICS; TOPICS > 4 && q < 2 * TOPICS; q += 16) FETCH(row + q); /* for the next call */        \
            for (int q = 0; q < TOPICS; q++) sums[q] += values[i] * (double)row[q];                                    \
        }                                                                                                              \
        memcpy(scores, sums, sizeof sums);                                                                             \
    }
ADD_ROWS(1)
ADD_ROWS(4)
ADD_ROWS(16)
ADD_ROWS(32)

CLONES static void add_rows(const Kernel *k, const uint32_t *ids, const double *values, int64_t n, double *scores) {
    int64_t q = 0;
    for (; q + 32 <= k->width; q += 32) add_rows_32(k->weights + q, k->width, ids, values, n, scores + q);
    for (; q + 16 <= k->width; q += 16) add_rows_16(k->weights + q, k->width, ids, values, n, scores + q);
    for (; q + 4 <= k->width; q += 4) add_rows_4(k->weights + q, k->width, ids, values, n, scores + q);
    for (; q < k->width; q++) add_rows_1(k->weights + q, k->width, ids, values, n, scores + q);
}

static inline double sublinear(const Kernel *k, uint32_t count) {
    return count < LOGARITHMS ? k->logarithm[count] : 1.0 + log((double)count);
}

/* The keys of runs of some length that may be terms, of all passages, in w->sifted. Those one shorter are in w->runs. */
static int64_t sift(const Kernel *k, workspace *w, int64_t passages, int64_t length) {
    const uint64_t *tokens = w->tokens.items;
    int64_t count = 0;
    for (int64_t p = 0; p < passages; p++) {
        for (int64_t i = w->first[p]; i + length <= w->first[p + 1]; i++) {
            const uint64_t key = length == 1 ? tokens[i] : chain(w->runs[i], tokens[i + length - 1]);
            w->runs[i] = w->sifted[count] = key;
            count += (int64_t)may_be(&k->terms, key);
        }
        w->until[p] = count;
    }
    return count;
}

/* All terms of all passages in w->found, in the order of their occurrence. */
static int find_terms(const Kernel *k, workspace *w, int64_t passages) {
    const int64_t n = w->tokens.count;
    int64_t used = 0;
    if (grow(&w->runs, &w->runs_room, n + 1, 8) || grow(&w->sifted, &w->sifted_room, n + 1, 8) ||
        grow(&w->found, &w->found_room, n * k->longest + 1, 4))
        return -1;
    for (int64_t length = 1; length <= k->longest; length++) {
        const int64_t count = sift(k, w, passages, length);
        int64_t i = 0;
        for (; i < count && i < AHEAD; i++) FETCH(k->terms.slots + (w->sifted[i] & k->terms.mask));
        i = 0;
        for (int64_t p = 0; p < passages; p++) {
            for (; i < w->until[p]; i++) {
                if (i + AHEAD < count) FETCH(k->terms.slots + (w->sifted[i + AHEAD] & k->terms.mask));
                uint32_t id = find(&k->terms, w->sifted[i]);
                if (!id) continue;
                w->found[used++] = --id;
                FETCH(w->count + id);
                FETCH(k->idf + id);
                FETCH(k->weights + (int64_t)id * k->width);
                for (int64_t q = 16; q < k->width; q += 16) FETCH(k->weights + (int64_t)id * k->width + q);
            }
            w->ends[(length - 1) * passages + p] = used;
        }
    }
    return 0;
}

/* The terms of a passage, each once, in w->ids, and their weights in w->values; returns how many, -1 if no memory is left. */
static int64_t weigh_terms(const Kernel *k, workspace *w, int64_t passages, int64_t p) {
    int64_t used = 0, room = (w->first[p + 1] - w->first[p]) * k->longest + 1, single = 0;
    if (grow(&w->ids, &w->ids_room, room, 4) || grow(&w->values, &w->values_room, room, 8)) return -1;
    for (int64_t length = 0; length < k->longest; length++) {
        const int64_t at = length * passages + p, from = at ? w->ends[at - 1] : 0;
        for (int64_t i = from; i < w->ends[at]; i++) {
            uint32_t id = w->found[i];
            w->ids[used] = id;
            used += w->count[id]++ == 0;
        }
        if (length == 0) single = used, w->known += w->ends[at] - from;
    }
    double squares = 0.0;
    for (int64_t i = 0; i < used; i++) {
        const uint32_t id = w->ids[i], count = w->count[id];
        const double idf = k->idf[id], value = w->values[i] = sublinear(k, count) * idf;
        squares += value * value;
        if (i < single && idf <= k->common_idf) w->common += count;
        w->count[id] = 0;
    }
    double scale = 1.0 / sqrt(squares); /* not used where there is no term */
    for (int64_t i = 0; i < used; i++) w->values[i] *= scale;
    return used;
}

/* The scores of a passage in w->scores. The order of all sums is that of the reference. */
static int score_passage(const Kernel *k, workspace *w, int64_t passages, int64_t p) {
    const uint64_t *own = w->lists + p * k->mask_words, *before = p ? own - k->mask_words : w->before;
    const int64_t used = weigh_terms(k, w, passages, p);
    if (used < 0) return -1;
    memcpy(w->scores, k->bias, (size_t)k->width * sizeof(double));
    add_rows(k, w->ids, w->values, used, w->scores);
    int64_t hints = add_hints(k, w->somewhere, k->rows + 3 * k->lists, w->hints, 0);
    hints = add_hints(k, before, k->rows + 2 * k->lists, w->hints, hints);
    hints = add_hints(k, w->title, k->rows + k->lists, w->hints, hints);
    hints = add_hints(k, own, k->rows, w->hints, hints);
    hints = add_pairs(k, own, w->hints, hints);
    sort_rows(w->hints, hints);
    for (int64_t i = 0; i < hints; i++) w->hint_values[i] = k->idf[w->hints[i]];
    add_rows(k, w->hints, w->hint_values, hints, w->scores);
    return 0;
}

/* --------------------------------------------------------------------------------------------------------- articles */

typedef struct {
    int64_t at, length; /* its content, in w->text */
    int64_t offset;     /* the body begins there, before it stands the title */
    span *own;          /* spans of the body that are the article's own; NULL for all of it */
    int64_t own_count;
    PyObject *content;    /* held while it is read without the interpreter lock */
    const uint8_t *ascii; /* its characters where they lie, if they are all ASCII */
} article;

static void release(workspace *w) {
    if (!w) return;
    free(w->text); free(w->narrow); free(w->bytes); free(w->edges); free(w->tokens.items); free(w->first); free(w->runs); free(w->sifted); free(w->until); free(w->found); free(w->ends); free(w->ids); free(w->values); free(w->count);
    free(w->before); free(w->lists); free(w->scores); free(w->best); free(w->where); free(w->hints); free(w->hint_values);
    free(w->lines.items); free(w->body.items); free(w->passages.items);
    free(w);
}

/* A workspace with all that does not grow with a text; NULL if there is no memory. */
static workspace *make_workspace(const Kernel *k) {
    workspace *w = calloc(1, sizeof *w);
    size_t masks = (size_t)k->mask_words + 1, lists = (size_t)k->lists;
    if (!w) return NULL;
    w->count = calloc((size_t)k->size + 1, 4);
    w->before = malloc(masks * 3 * 8);
    w->scores = malloc((size_t)k->width * sizeof(double));
    w->best = malloc((size_t)k->width * sizeof(double));
    w->where = malloc((size_t)k->width * sizeof(int64_t));
    w->hints = malloc((4 * lists + lists * lists + 1) * sizeof(uint32_t));
    w->hint_values = malloc((4 * lists + lists * lists + 1) * sizeof(double));
    if (!w->count || !w->before || !w->scores || !w->best || !w->where || !w->hints || !w->hint_values) { release(w); return NULL; }
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
    w->tokens.count = 0;
    w->known = w->common = w->total = 0;
    return 0;
}

static void take_best(const Kernel *k, workspace *w, int64_t number) {
    for (int64_t q = 0; q < k->width; q++)
        if (w->where[q] < 0 || w->scores[q] > w->best[q]) w->best[q] = w->scores[q], w->where[q] = number;
}

/* The sentences of an article that are its own: those that begin in the title or in an own span of the body. */
static int own_sentences(const Kernel *k, const article *a, workspace *w) {
    int64_t title_end = a->offset >= 2 ? a->offset - 2 : 0; /* title, blank line, body */
    w->body.count = w->passages.count = 0;
    w->everything = w->kept = a->offset ? title_end : 0;
    if (sentence_spans(k, w->text + a->at + a->offset, w->bytes + a->at + a->offset, a->length - a->offset, &w->lines, &w->body)) return -1;
    if (a->offset && add_span(&w->passages, 0, title_end)) return -1;
    int64_t at = 0;
    for (int64_t i = 0; i < w->body.count; i++) {
        span s = w->body.items[i];
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
    w->first[passages] = w->total = w->tokens.count;
    if (M && find_names(k, w, passages)) return -1;
    for (int64_t i = 0; i < passages * M; i++) w->somewhere[i % M] |= w->lists[i];
    memcpy(w->title, w->lists, (size_t)M * 8);
    if (find_terms(k, w, passages)) return -1;
    for (int64_t p = 0; p < passages; p++) {
        if (score_passage(k, w, passages, p)) return -1;
        take_best(k, w, p);
    }
    return 0;
}

static int score_sentences(const Kernel *k, const article *a, workspace *w) {
    if (own_sentences(k, a, w) || begin(k, w, w->passages.count)) return -1;
    for (int64_t i = 0; i < w->passages.count; i++) {
        w->first[i] = w->tokens.count;
        if (read_tokens(k, w, a->at + w->passages.items[i].start, a->at + w->passages.items[i].end)) return -1;
    }
    return score_passages(k, w, w->passages.count);
}

static int score_whole(const Kernel *k, const article *a, workspace *w) {
    const span everything = {0, a->length - a->offset}, *own = a->own ? a->own : &everything;
    int64_t count = a->own ? a->own_count : 1;
    w->everything = a->length - a->offset, w->kept = 0;
    if (begin(k, w, 1)) return -1;
    if (!a->length) return 0;
    if (read_tokens(k, w, a->at, a->at + a->offset)) return -1;
    for (int64_t i = 0; i < count; i++) {
        if (read_tokens(k, w, a->at + a->offset + own[i].start, a->at + a->offset + own[i].end)) return -1;
        w->kept += own[i].end - own[i].start;
    }
    w->first[0] = 0;
    return score_passages(k, w, 1);
}

static int score_article(const Kernel *k, const article *a, workspace *w) {
    return k->by_sentence ? score_sentences(k, a, w) : score_whole(k, a, w);
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
    const struct { table *t; int at, sieve; uint64_t ids; const char *name; } tables[] = {
        {&k->terms, B_SLOTS, B_SIEVE, (uint64_t)k->size, "the table of terms"},
        {&k->names, B_NAMES, B_NAME_SIEVE, (uint64_t)b[B_MASKS].len / 8 / (uint64_t)(k->mask_words ? k->mask_words : 1), "the table of names"},
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
    for (int64_t i = 0; i < b[B_ROWS].len / 4; i++) if (k->rows[i] < -1 || k->rows[i] >= k->size) return wrong("a row that is not there");
    const uint8_t *text = b[B_TERMS].buf;
    int64_t lines = 1;
    uint8_t all = 0;
    for (int64_t i = 0; i < b[B_TERMS].len; i++) lines += text[i] == '\n', all |= text[i];
    PyObject *decoded = all < 128 ? NULL : PyUnicode_DecodeUTF8((const char *)text, b[B_TERMS].len, "strict");
    if (all >= 128 && !decoded) return -1;
    Py_XDECREF(decoded);
    if (lines != (k->size ? k->size : 1)) return wrong("terms and idf are not of one length");
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
    Py_XDECREF(k->isascii);
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
    if (!PyArg_ParseTuple(args, "(OOOOOOOOOOOOO)LLLLpd(y#y#y#)", &o[0], &o[1], &o[2], &o[3], &o[4], &o[5], &o[6], &o[7], &o[8], &o[9], &o[10], &o[11], &o[12],
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
    if (lists < 0 || lists > 4096 || width < 1 || width > INT32_MAX) { wrong("the number of lists or topics"); Py_DECREF(k); return NULL; }
    k->width = width, k->lists = lists, k->mask_words = (lists + 63) / 64;
    k->longest = longest, k->name_longest = name_longest, k->by_sentence = by_sentence, k->common_idf = common_idf;
    for (int n = 1; n < LOGARITHMS; n++) k->logarithm[n] = 1.0 + log((double)n);
    if (check(k)) { Py_DECREF(k); return NULL; }
    if (!(k->isascii = PyUnicode_InternFromString("isascii"))) { Py_DECREF(k); return NULL; }
    if (keep_words(&k->titles, titles, lengths[0]) || keep_words(&k->doubtful, doubtful, lengths[1]) ||
        keep_words(&k->starters, starters, lengths[2])) { Py_DECREF(k); return PyErr_NoMemory(); }
    return (PyObject *)k;
}

/* The bytes of a string if it is all ASCII, as it lies in memory; NULL if it is not. A string of a class of its own is not
 * asked: it may say anything, and do anything meanwhile. */
static const uint8_t *ascii_of(PyObject *text, PyObject *question) {
    if (!PyUnicode_CheckExact(text)) return NULL;
    PyObject *yes = PyObject_CallMethodObjArgs(text, question, NULL);
    Py_XDECREF(yes);
    const char *bytes = yes == Py_True ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;
    if (!bytes) PyErr_Clear(); /* a string of a class that says what is not so */
    return (const uint8_t *)bytes;
}

/* Look at a string, and copy it to w->text at `at` unless it is ASCII and not `whole`. -1 with an error set. */
static int take_text(const Kernel *k, PyObject *text, int whole, workspace *w, article *a) {
    if (!PyUnicode_Check(text)) { PyErr_SetString(PyExc_TypeError, "a text is a str"); return -1; }
    Py_ssize_t length = PyUnicode_GetLength(text);
    a->ascii = ascii_of(text, k->isascii);
    if (!a->ascii || whole) {
        if (grow(&w->text, &w->text_room, a->at + length + 1, sizeof(character))) { PyErr_NoMemory(); return -1; }
        if (length && !PyUnicode_AsUCS4(text, (Py_UCS4 *)w->text + a->at, length, 0)) return -1;
    }
    a->length = length;
    return 0;
}

/* Write what w->narrow holds of an article that was taken. */
static int narrow_text(workspace *w, const article *a) {
    const int64_t end = a->at + a->length;
    if (grow(&w->narrow, &w->narrow_room, end + AROUND, 1) || grow(&w->bytes, &w->bytes_room, end + AROUND, 1)) return -1;
    if (a->ascii) memcpy(w->bytes + a->at, a->ascii, (size_t)a->length);
    else to_bytes(w->text + a->at, a->length, w->bytes + a->at);
    to_narrow(w->bytes + a->at, a->length, w->narrow + a->at);
    memset(w->narrow + end, 0, AROUND);
    memset(w->bytes + end, ASK, AROUND); /* a search ends here */
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

static PyObject *pair_of(span s) { return Py_BuildValue("(LL)", (long long)s.start, (long long)s.end); }

/* What was found of an article, as Python has it: see `model.Kernel.answers`. */
static PyObject *make_answer(const Kernel *k, const double *best, const span *where, const int64_t *counts) {
    PyObject *scores = PyList_New((Py_ssize_t)k->width), *places = PyList_New((Py_ssize_t)k->width), *answer = NULL;
    for (int64_t q = 0; scores && places && q < k->width; q++) {
        PyObject *score = PyFloat_FromDouble(best[q]), *place = Py_None;
        if (where[q].start >= 0) place = pair_of(where[q]);
        else Py_INCREF(place);
        if (!score || !place) { Py_XDECREF(score); Py_XDECREF(place); goto done; }
        PyList_SetItem(scores, (Py_ssize_t)q, score), PyList_SetItem(places, (Py_ssize_t)q, place);
    }
    if (scores && places)
        answer = Py_BuildValue("(OOLLLL)", scores, places, (long long)counts[0], (long long)counts[1], (long long)counts[2],
                               (long long)counts[3]);
done:
    Py_XDECREF(scores); Py_XDECREF(places);
    return answer;
}

/* So much is answered without the interpreter lock at one go: enough to make the lock's cost small, and it fits into a cache. */
enum { AT_ONCE = 16, CHARACTERS_AT_ONCE = 1 << 16 };

typedef struct {
    article articles[AT_ONCE];
    double *best; /* a number a topic and article */
    span *where;
    int64_t counts[AT_ONCE][4]; /* characters set aside, tokens, known, common */
    int64_t count;
} batch;

/* Read one request as an article whose content comes to stand at `at`; -1 with an error set. */
static int read_request(const Kernel *k, PyObject *request, workspace *w, int64_t at, article *a) {
    PyObject *content, *own;
    long long offset;
    *a = (article){.at = at};
    if (!request || !PyTuple_Check(request)) { PyErr_SetString(PyExc_TypeError, "a request is a tuple"); return -1; }
    if (!PyArg_ParseTuple(request, "OLO", &content, &offset, &own)) return -1;
    if (take_text(k, content, k->by_sentence, w, a)) return -1;
    a->offset = offset;
    if (offset < 0 || offset > a->length) return wrong("the body begins outside the content");
    if (own != Py_None && !(a->own = read_spans(own, a->length - offset, &a->own_count))) return -1;
    Py_INCREF(content);
    a->content = content;
    return 0;
}

/* Read requests from the list, as many as go together; returns how many, or -1 with an error set. */
static int64_t read_requests(const Kernel *k, PyObject *list, Py_ssize_t from, workspace *w, batch *b) {
    int64_t at = 0;
    b->count = 0;
    for (Py_ssize_t i = from; i < PyList_Size(list) && b->count < AT_ONCE && at < CHARACTERS_AT_ONCE; i++) {
        PyObject *request = PyList_GetItem(list, i);
        Py_XINCREF(request); /* reading it may run code that empties the list */
        int bad = read_request(k, request, w, at, &b->articles[b->count]);
        Py_XDECREF(request);
        if (bad) return -1;
        at += b->articles[b->count++].length;
    }
    return b->count;
}

static int score_batch(const Kernel *k, workspace *w, batch *b) {
    for (int64_t i = 0; i < b->count; i++) {
        if (narrow_text(w, &b->articles[i]) || score_article(k, &b->articles[i], w)) return -1;
        memcpy(b->best + i * k->width, w->best, (size_t)k->width * sizeof(double));
        for (int64_t q = 0; q < k->width; q++)
            b->where[i * k->width + q] = k->by_sentence && w->where[q] >= 0 ? w->passages.items[w->where[q]] : (span){-1, -1};
        const int64_t counts[4] = {w->everything - w->kept, w->total, w->known, w->common};
        memcpy(b->counts[i], counts, sizeof counts);
    }
    return 0;
}

/* Score the requests from `from` on, as many as go together; returns how many, or -1 with an error set. */
static int64_t score_some(const Kernel *k, PyObject *list, Py_ssize_t from, workspace *w, batch *b) {
    int64_t count = read_requests(k, list, from, w, b);
    int bad = 0;
    if (count > 0) {
        Py_BEGIN_ALLOW_THREADS
        bad = score_batch(k, w, b);
        Py_END_ALLOW_THREADS
        if (bad) PyErr_NoMemory();
    }
    for (int64_t i = 0; i < b->count; i++) {
        free(b->articles[i].own);
        Py_DECREF(b->articles[i].content);
    }
    return bad ? -1 : count;
}

static int append_answers(const Kernel *k, const batch *b, PyObject *answers) {
    for (int64_t i = 0; i < b->count; i++) {
        PyObject *answer = make_answer(k, b->best + i * k->width, b->where + i * k->width, b->counts[i]);
        int bad = !answer || PyList_Append(answers, answer);
        Py_XDECREF(answer);
        if (bad) return -1;
    }
    return 0;
}

/* Score all requests; the answers are appended to a list, or the scores alone written to `scores`, whichever is there. */
static int score_all(Kernel *k, PyObject *list, PyObject *answers, double *scores) {
    workspace *w = k->spare ? k->spare : make_workspace(k);
    batch *b = calloc(1, sizeof *b);
    int64_t done = 0;
    k->spare = NULL;
    if (b) {
        b->best = malloc(AT_ONCE * (size_t)k->width * sizeof(double)), b->where = malloc(AT_ONCE * (size_t)k->width * sizeof(span));
    }
    int bad = !w || !b || !b->best || !b->where;
    if (bad) PyErr_NoMemory();
    Py_ssize_t count = PyList_Size(list);
    for (Py_ssize_t from = 0; !bad && from < count; from += (Py_ssize_t)done) {
        done = score_some(k, list, from, w, b);
        bad = done < 1 || done > count - from || (answers && append_answers(k, b, answers));
        if (!bad && scores) memcpy(scores + from * k->width, b->best, (size_t)(done * k->width) * sizeof(double));
        if (bad && !PyErr_Occurred()) wrong("the requests changed meanwhile");
    }
    if (b) { free(b->best); free(b->where); free(b); }
    if (bad || k->spare || w->narrow_room > KEPT) release(w); /* counts may be left over; a huge article's room is not kept */
    else k->spare = w;
    return bad ? -1 : 0;
}

/* answers([(content, offset, own)]) -> [(scores, spans of the best passages or None, set aside, tokens, known, common)] */
static PyObject *Kernel_answers(PyObject *self, PyObject *list) {
    if (!PyList_Check(list)) { PyErr_SetString(PyExc_TypeError, "requests are a list"); return NULL; }
    PyObject *answers = PyList_New(0);
    if (answers && !score_all((Kernel *)self, list, answers, NULL)) return answers;
    Py_XDECREF(answers);
    return NULL;
}

/* scores([(content, offset, own)]) -> bytes: a double a topic and request */
static PyObject *Kernel_scores(PyObject *self, PyObject *list) {
    const int64_t width = ((Kernel *)self)->width;
    if (!PyList_Check(list)) { PyErr_SetString(PyExc_TypeError, "requests are a list"); return NULL; }
    if (PyList_Size(list) > PY_SSIZE_T_MAX / 8 / width) return PyErr_NoMemory();
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(PyList_Size(list) * width * 8));
    if (bytes && !score_all((Kernel *)self, list, NULL, (double *)PyBytes_AsString(bytes))) return bytes;
    Py_XDECREF(bytes);
    return NULL;
}

/* sentences(text) -> the spans of `text.sentence_spans` */
static PyObject *Kernel_sentences(PyObject *self, PyObject *text) {
    workspace w = {0};
    article a = {0};
    PyObject *list = NULL;
    if (take_text((Kernel *)self, text, 1, &w, &a)) goto done;
    if (narrow_text(&w, &a) || sentence_spans((Kernel *)self, w.text, w.bytes, a.length, &w.lines, &w.body)) PyErr_NoMemory();
    else list = PyList_New((Py_ssize_t)w.body.count);
    for (int64_t i = 0; list && i < w.body.count; i++) {
        PyObject *pair = pair_of(w.body.items[i]);
        if (pair) PyList_SetItem(list, (Py_ssize_t)i, pair);
        else { Py_DECREF(list); list = NULL; }
    }
done:
    free(w.text); free(w.narrow); free(w.bytes); free(w.lines.items); free(w.body.items);
    return list;
}

/* row(key) -> the number of the term with this key, -1 if there is none */
static PyObject *Kernel_row(PyObject *self, PyObject *key) {
    unsigned long long number = PyLong_AsUnsignedLongLong(key);
    if (number == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
    return PyLong_FromLongLong((long long)find(&((Kernel *)self)->terms, number) - 1);
}

static PyMethodDef methods[] = {
    {"answers", Kernel_answers, METH_O, "answers([(content, offset, own)]): scores, spans, set aside, tokens, known, common."},
    {"scores", Kernel_scores, METH_O, "scores([(content, offset, own)]): the scores alone, doubles in bytes."},
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
