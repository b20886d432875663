/* What rooms `text`, `features`, `model`, `reading`, `furniture` and `decision` do in plain Python, faster and to the same bit;
 * they are the oracle of the tests. Four types:
 *
 * A Kernel makes scores of texts. It borrows the tables of a model (slices of one memory-mapped file) and first checks every
 * number in them that could lead a look-up astray, so that no file can make it read outside its buffers or loop for ever. It
 * keeps nothing between calls but those buffers and workspaces, one for each call that was under way at once. While it scores,
 * other threads may have the interpreter.
 *
 * A Reader makes sentences, tokens and numbered runs of tokens, for who trains or explains; it keeps the runs. Openings tell
 * which lines of a page are worth a look. Sigmoids make probabilities of scores.
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
typedef struct { char *text; } word_list; /* "\nmr\nmrs\n…\n" */

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

enum {
    B_PAGES, B_FOLDS, B_CLASSES, B_SLOTS, B_IDF, B_WEIGHTS, B_BIAS, B_NAMES, B_MASKS, B_ROWS, B_SIEVE, B_NAME_SIEVE, B_TERMS, BUFFERS
};

typedef struct { span *items; int64_t count, room; } spans;
typedef struct { uint64_t *items; int64_t count, room; } keys;

typedef struct workspace {
    struct workspace *next; /* another that is not at work */
    character *texts;       /* what is read, many articles one behind the other, but for those that can be read where they lie */
    const character *text;  /* the article at hand; not looked at where all of it is ASCII */
    uint8_t *narrow; /* of each character: the fold of a letter or digit of ASCII, 0 for a separator, ASK for the table */
    uint8_t *bytes;  /* of each character: itself if it is ASCII, or ASK */
    int64_t *edges;  /* where tokens of the passage at hand begin and end, in turn */
    int64_t texts_room, narrow_room, bytes_room, edges_room;
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
    double *base, *scores, *best;
    int64_t *where; /* the passage of the best score, -1 for none */
    uint32_t *hints; /* rows of hints that hold, */
    double *hint_values;
    spans lines, body, passages;
    int64_t room; /* passages there is room for */
    int64_t known, common, total, everything, kept;
} workspace;

/* All that must be known to read a text, whatever for. */
typedef struct {
    const uint16_t *pages, *classes; /* of a character c: classes[pages[c >> 8] * 256 + (c & 255)] */
    const uint32_t *folds;           /* 0 separates, 1 is dropped, else the UTF-8 bytes of the fold, lowest first */
    word_list titles, doubtful, starters;
    PyObject *isascii; /* the name of the question */
} reading;

typedef struct {
    PyObject_HEAD
    Py_buffer buffer[BUFFERS];
    int held;
    reading reading;
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

/* ------------------------------------------------------------------------------------------------------- characters */

static inline uint16_t class_of(const reading *k, character c) { return k->classes[k->pages[c >> 8] * 256u + (c & 255)]; }
static inline int is(const reading *k, character c, int kind) { return (class_of(k, c) & kind) != 0; }

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

static int in_list(const word_list *list, const char *word, int length) {
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

static int is_abbreviation(const reading *k, const character *t, int64_t begin, int64_t stop, int64_t first, int64_t end) {
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

static int glued(const reading *k, const character *t, int64_t begin, int64_t stop, int64_t position, int64_t length) {
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

static int ends_sentence(const reading *k, const character *t, int64_t begin, int64_t position, int64_t end, int64_t length) {
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

static int split_passage(const reading *k, const character *t, const uint8_t *bytes, int64_t start, int64_t end, int64_t length,
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

static int begins_item(const reading *k, const character *t, span line, span next, int64_t word_end) {
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

static int is_wrap(const reading *k, const character *t, span line, span next, int64_t width, int64_t narrowest, int64_t widest) {
    if (width < narrowest || width > widest) return 0;
    int64_t word_end = next.start;
    while (word_end < next.end && !is(k, t[word_end], SPACE)) word_end++;
    if (begins_item(k, t, line, next, word_end)) return 0;
    return line.end - line.start + 1 + word_end - next.start > width;
}

enum { NARROWEST = 45, WIDEST = 100 }; /* as in `text` */

static int join_wrapped(const reading *k, const character *t, const uint8_t *bytes, const span *lines, int64_t count,
                        int64_t length, spans *out) {
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

/* The sentences of t[0:length], in order; `bytes` is what w->bytes holds of them. */
static int sentence_spans(const reading *k, const character *t, const uint8_t *bytes, int64_t length, spans *lines, spans *out) {
    int64_t position = 0;
    lines->count = 0;
    for (;;) {
        const uint8_t *feed = memchr(bytes + position, '\n', (size_t)(length - position));
        int64_t stop = feed ? feed - bytes : length, start = position, end = stop;
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

enum { ASK = 255, BLOCK = 64, AROUND = BLOCK + 16 }; /* so many bytes stand behind the text: it is read in blocks */

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
static uint64_t read_folds(const reading *k, const character *t, const uint8_t *narrow, int64_t *at, int64_t end) {
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
static int read_tokens(const reading *k, workspace *w, int64_t start, int64_t end) {
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

/* Passages whose look-ups are made at one go, so that many are under way; all of an article, if it is not very long. */
typedef struct { int64_t from, to; } block;
enum { TOKENS_AT_ONCE = 1 << 14 }; /* what is noted of so many fits into a core's own cache */

static block next_block(const workspace *w, int64_t from, int64_t passages) {
    block b = {from, from + 1};
    while (b.to < passages && w->first[b.to + 1] - w->first[from] <= TOKENS_AT_ONCE) b.to++;
    return b;
}

/* The lists whose names stand in each passage, as bits in w->lists. The table also holds how names begin, with no list at all.
 *
 * Here and below what may be in a table is sifted first: which keys pass cannot be foreseen, so there is no branch, and of
 * those that are left nearly all are found, which can. */
static int find_names(const Kernel *k, workspace *w, block b) {
    const uint64_t *tokens = w->tokens.items;
    int64_t count = 0, p = b.from;
    if (grow(&w->sifted, &w->sifted_room, w->first[b.to] - w->first[b.from] + 1, 8)) return -1;
    for (int64_t i = w->first[b.from]; i < w->first[b.to]; i++) {
        w->sifted[count] = (uint64_t)i;
        count += (int64_t)may_be(&k->names, tokens[i]);
    }
    for (int64_t c = 0; c < count; c++) FETCH(k->names.slots + (tokens[w->sifted[c]] & k->names.mask));
    for (int64_t c = 0; c < count; c++) {
        int64_t i = (int64_t)w->sifted[c], next = i;
        while (w->first[p + 1] <= i) p++;
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

/* The keys of runs of some length that may be terms in w->sifted; returns how many. Those one shorter are in w->runs. */
static int64_t sift(const Kernel *k, workspace *w, block b, int64_t length) {
    const int64_t begin = w->first[b.from];
    const uint64_t *tokens = w->tokens.items + begin;
    int64_t count = 0;
    for (int64_t p = b.from; p < b.to; p++) {
        for (int64_t i = w->first[p] - begin; i + length <= w->first[p + 1] - begin; i++) {
            const uint64_t key = length == 1 ? tokens[i] : chain(w->runs[i], tokens[i + length - 1]);
            w->runs[i] = w->sifted[count] = key;
            count += (int64_t)may_be(&k->terms, key);
        }
        w->until[p - b.from] = count;
    }
    return count;
}

/* All terms of the passages in w->found, in the order of their occurrence. */
static int find_terms(const Kernel *k, workspace *w, block b) {
    const int64_t n = w->first[b.to] - w->first[b.from], passages = b.to - b.from;
    int64_t used = 0;
    if (grow(&w->runs, &w->runs_room, n + 1, 8) || grow(&w->sifted, &w->sifted_room, n + 1, 8) ||
        grow(&w->found, &w->found_room, n * k->longest + 1, 4))
        return -1;
    for (int64_t length = 1; length <= k->longest; length++) {
        const int64_t count = sift(k, w, b, length);
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
static int64_t weigh_terms(const Kernel *k, workspace *w, block b, int64_t p) {
    int64_t used = 0, room = (w->first[p + 1] - w->first[p]) * k->longest + 1, single = 0;
    if (grow(&w->ids, &w->ids_room, room, 4) || grow(&w->values, &w->values_room, room, 8)) return -1;
    for (int64_t length = 0; length < k->longest; length++) {
        const int64_t at = length * (b.to - b.from) + p - b.from, from = at ? w->ends[at - 1] : 0;
        for (int64_t i = from; i < w->ends[at]; i++) {
            uint32_t id = w->found[i];
            w->ids[used] = id;
            used += w->count[id]++ == 0;
        }
        if (length == 0) single = used, w->known += w->ends[at] - from;
    }
    for (int64_t i = 0; i < single; i++) /* no branch: whether a word is common cannot be foreseen */
        w->common += (int64_t)w->count[w->ids[i]] * (k->idf[w->ids[i]] <= k->common_idf);
    double squares = 0.0;
    for (int64_t i = 0; i < used; i++) {
        const uint32_t id = w->ids[i];
        const double value = w->values[i] = sublinear(k, w->count[id]) * k->idf[id];
        squares += value * value;
        w->count[id] = 0;
    }
    double scale = 1.0 / sqrt(squares); /* not used where there is no term */
    for (int64_t i = 0; i < used; i++) w->values[i] *= scale;
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
    int64_t at, length; /* its content, in w->texts */
    int64_t offset;     /* the body begins there, before it stands the title */
    span *own;          /* spans of the body that are the article's own; NULL for all of it */
    int64_t own_count;
    PyObject *content;    /* held while it is read without the interpreter lock */
    const uint8_t *ascii; /* its characters where they lie, if they are all ASCII */
} article;

static void forget_text(workspace *w) { free(w->texts); free(w->narrow); free(w->bytes); }

static void release(workspace *w) {
    if (!w) return;
    forget_text(w);
    free(w->edges); free(w->tokens.items); free(w->first); free(w->runs); free(w->sifted); free(w->until);
    free(w->found); free(w->ends); free(w->ids); free(w->values); free(w->count);
    free(w->before); free(w->lists); free(w->base); free(w->scores); free(w->best); free(w->where);
    free(w->hints); free(w->hint_values); free(w->lines.items); free(w->body.items); free(w->passages.items);
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
    if (sentence_spans(&k->reading, w->text + a->offset, w->bytes + a->offset, a->length - a->offset, &w->lines, &w->body))
        return -1;
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
        w->first[i] = w->tokens.count;
        if (read_tokens(&k->reading, w, w->passages.items[i].start, w->passages.items[i].end)) return -1;
    }
    return score_passages(k, w, w->passages.count);
}

static int score_whole(const Kernel *k, const article *a, workspace *w) {
    const span everything = {0, a->length - a->offset}, *own = a->own ? a->own : &everything;
    int64_t count = a->own ? a->own_count : 1;
    w->everything = a->length - a->offset, w->kept = 0;
    if (begin(k, w, 1)) return -1;
    if (!a->length) return 0;
    if (read_tokens(&k->reading, w, 0, a->offset)) return -1;
    for (int64_t i = 0; i < count; i++) {
        if (read_tokens(&k->reading, w, a->offset + own[i].start, a->offset + own[i].end)) return -1;
        w->kept += own[i].end - own[i].start;
    }
    w->first[0] = 0;
    return score_passages(k, w, 1);
}

static int score_article(const Kernel *k, const article *a, workspace *w) {
    return k->by_sentence ? score_sentences(k, a, w) : score_whole(k, a, w);
}

/* ----------------------------------------------------------------------------------------------------------- Python */

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

static int keep_words(word_list *list, const char *text, Py_ssize_t length) {
    list->text = malloc((size_t)length + 1);
    if (!list->text) return -1;
    memcpy(list->text, text, (size_t)length);
    list->text[length] = 0;
    return 0;
}

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

/* Check the tables of characters and keep the word lists, those of `text.word_texts`. */
static int open_reading(reading *r, const Py_buffer *b, PyObject *lists) {
    const char *texts[3];
    Py_ssize_t lengths[3];
    const uint64_t characters = (uint64_t)b[B_FOLDS].len / 4;
    r->pages = b[B_PAGES].buf, r->folds = b[B_FOLDS].buf, r->classes = b[B_CLASSES].buf;
    if (b[B_PAGES].len != PAGES * 2) return wrong("the page table is of another length");
    if (b[B_FOLDS].len % 4 || characters % 256 || (uint64_t)b[B_CLASSES].len != characters * 2)
        return wrong("folds and classes are not of one length");
    for (int i = 0; i < PAGES; i++) if ((uint64_t)r->pages[i] * 256 + 256 > characters) return wrong("a page that is not there");
    if (!(r->isascii = PyUnicode_InternFromString("isascii"))) return -1;
    if (!PyTuple_CheckExact(lists)) { PyErr_SetString(PyExc_TypeError, "the lists of words are a tuple"); return -1; }
    if (!PyArg_ParseTuple(lists, "y#y#y#", &texts[0], &lengths[0], &texts[1], &lengths[1], &texts[2], &lengths[2])) return -1;
    word_list *const kept[] = {&r->titles, &r->doubtful, &r->starters};
    for (int i = 0; i < 3; i++) if (keep_words(kept[i], texts[i], lengths[i])) { PyErr_NoMemory(); return -1; }
    return 0;
}

static void close_reading(reading *r) {
    Py_XDECREF(r->isascii);
    free(r->titles.text); free(r->doubtful.text); free(r->starters.text);
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
    if (bad || w->narrow_room > KEPT || w->texts_room > KEPT) { release(w); return; }
    w->next = k->spare, k->spare = w;
}

static void Kernel_dealloc(PyObject *self) {
    Kernel *k = (Kernel *)self;
    while (k->held) PyBuffer_Release(&k->buffer[--k->held]);
    close_reading(&k->reading);
    while (k->spare) release(take_workspace(k));
    free_object(self);
}

static PyObject *Kernel_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    PyObject *tables, *lists_of_words;
    long long width, lists, longest, name_longest;
    double common_idf;
    int by_sentence;
    if (!PyArg_ParseTuple(args, "OLLLLpdO", &tables, &width, &lists, &longest, &name_longest, &by_sentence, &common_idf,
                          &lists_of_words))
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
    if (open_reading(&k->reading, k->buffer, lists_of_words) || check(k)) { Py_DECREF(k); return NULL; }
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

/* Look at a string, and copy it to w->texts at a->at unless it is ASCII and not `whole`. How many characters were copied, -1 with
 * an error set. */
static int64_t take_text(const reading *k, PyObject *text, int whole, workspace *w, article *a) {
    if (!PyUnicode_Check(text)) { PyErr_SetString(PyExc_TypeError, "a text is a str"); return -1; }
    Py_ssize_t length = PyUnicode_GetLength(text);
    a->length = length;
    a->ascii = ascii_of(text, k->isascii);
    if (a->ascii && !whole) return 0;
    if (grow(&w->texts, &w->texts_room, a->at + length + 1, sizeof(character))) { PyErr_NoMemory(); return -1; }
    if (length && !PyUnicode_AsUCS4(text, (Py_UCS4 *)w->texts + a->at, length, 0)) return -1;
    return length;
}

/* Take an article that was read in hand: write what w->narrow and w->bytes hold of it. */
static int narrow_text(workspace *w, const article *a) {
    const int64_t n = a->length;
    if (grow(&w->narrow, &w->narrow_room, n + AROUND, 1) || grow(&w->bytes, &w->bytes_room, n + AROUND, 1)) return -1;
    w->text = w->texts ? w->texts + a->at : NULL;
    if (a->ascii) memcpy(w->bytes, a->ascii, (size_t)n);
    else to_bytes(w->text, n, w->bytes);
    to_narrow(w->bytes, n, w->narrow);
    memset(w->narrow + n, 0, AROUND);
    memset(w->bytes + n, ASK, AROUND); /* a search ends here */
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

/* Read one request as an article whose content comes to stand at `at`. How many characters were copied, -1 with an error set. */
static int64_t read_request(const Kernel *k, PyObject *request, workspace *w, int64_t at, article *a) {
    PyObject *content, *own;
    long long offset;
    *a = (article){.at = at};
    if (!request) { PyErr_Clear(); return wrong("the requests changed meanwhile"); }
    if (!PyTuple_Check(request)) { PyErr_SetString(PyExc_TypeError, "a request is a tuple"); return -1; }
    if (!PyArg_ParseTuple(request, "OLO", &content, &offset, &own)) return -1;
    int64_t copied = take_text(&k->reading, content, k->by_sentence, w, a);
    if (copied < 0) return -1;
    a->offset = offset;
    if (offset < 0 || offset > a->length) return wrong("the body begins outside the content");
    if (own != Py_None && !(a->own = read_spans(own, a->length - offset, &a->own_count))) return -1;
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

/* answer(content, offset, own) -> (scores, spans of the best passages or None, set aside, tokens, known, common) */
static PyObject *Kernel_answer(PyObject *self, PyObject *request) {
    Kernel *k = (Kernel *)self;
    workspace *w = take_workspace(k);
    article a = {0};
    PyObject *answer = NULL;
    if (!w) return PyErr_NoMemory();
    int bad = read_request(k, request, w, 0, &a) < 0;
    if (!bad) {
        Py_BEGIN_ALLOW_THREADS
        bad = narrow_text(w, &a) || score_article(k, &a, w);
        Py_END_ALLOW_THREADS
        if (bad) PyErr_NoMemory();
        else answer = make_answer(k, w);
    }
    forget(&a);
    give_back(k, w, bad);
    return answer;
}

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
        at += copied, characters += articles[count++].length;
    }
    if (!bad && count) {
        Py_BEGIN_ALLOW_THREADS
        for (int64_t i = 0; !bad && i < count; i++) {
            bad = narrow_text(w, &articles[i]) || score_article(k, &articles[i], w);
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

/* ---------------------------------------------------------------------------------------------------------- reading
 * What `text` says of a string, for whoever asks; and runs of tokens with numbers, for training and for lists of names. */

/* Put a string into w->narrow, and into w->text unless it is ASCII and not `whole`; its length, or -1 with an error set. */
static int64_t copy_text(const reading *k, PyObject *text, int whole, workspace *w) {
    article a = {0};
    if (take_text(k, text, whole, w, &a) < 0) return -1;
    if (narrow_text(w, &a)) { PyErr_NoMemory(); return -1; }
    return a.length;
}

/* The tokens of a text, one after the other. A token that is all ASCII lies in `narrow` as it is. */
typedef struct {
    const reading *reading;
    const character *text; /* not looked at where the text is all ASCII */
    const uint8_t *narrow;
    int64_t at, end;
    uint8_t *letters; /* room for a token that has to be folded */
    int64_t room;
    const uint8_t *token; /* that was found, its UTF-8 bytes, */
    int64_t length, start, stop; /* how many, and the span of its characters */
} token_reader;

/* Fold the token round character `at`, the first that is not ASCII; what it begins with stands before. Returns 0 if it is none. */
static int fold_token(token_reader *r, int64_t at) {
    const reading *k = r->reading;
    r->length = at - r->start;
    if (grow(&r->letters, &r->room, r->length + 4 * (r->end - at), 1)) return -1; /* a fold has four bytes at most */
    memcpy(r->letters, r->narrow + r->start, (size_t)r->length);
    r->stop = at;
    for (; at < r->end; at++) {
        uint32_t f = r->narrow[at];
        if (f == ASK) f = k->folds[k->pages[r->text[at] >> 8] * 256u + (r->text[at] & 255)];
        if (!f) break;
        if (f == 1 && !r->length) continue; /* a dropped mark inside or behind a word belongs to it, one before does not */
        if (!r->length) r->start = at;
        r->stop = at + 1;
        if (f == 1) continue;
        do r->letters[r->length++] = (uint8_t)f;
        while (f >>= 8);
    }
    r->at = at < r->end ? at + 1 : at, r->token = r->letters;
    return r->length > 0;
}

/* How many letters and digits of ASCII there are at the front of eight characters, by what `narrow` holds of them. */
static inline int letters_ahead(const uint8_t *narrow) {
    uint64_t x;
    memcpy(&x, narrow, 8);
    x = (bytes_like(x, 0) | x) & 0x8080808080808080u;
    return x ? __builtin_ctzll(x) >> 3 : 8;
}

/* Find the next token: 1 if there is one, 0 if there is none, -1 if there is no memory. */
static int next_token(token_reader *r) {
    for (;;) {
        int64_t at = r->at;
        while (at < r->end && !r->narrow[at]) at++;
        r->at = r->start = at;
        if (at == r->end) return 0;
        for (int letters; at < r->end && (letters = letters_ahead(r->narrow + at));) at += letters;
        if (at > r->end) at = r->end; /* the text goes on behind the passage */
        if (at < r->end && r->narrow[at]) {
            int found = fold_token(r, at);
            if (found) return found;
            continue;
        }
        r->token = r->narrow + r->start, r->length = at - r->start, r->at = r->stop = at;
        return 1;
    }
}

/* (token, start, stop); the token is given away. */
static PyObject *place_of(PyObject *token, int64_t start, int64_t stop) {
    PyObject *place = PyTuple_New(3), *first = PyLong_FromLongLong(start), *last = PyLong_FromLongLong(stop);
    if (!place || !first || !last) {
        Py_XDECREF(place); Py_XDECREF(first); Py_XDECREF(last); Py_DECREF(token);
        return NULL;
    }
    PyTuple_SetItem(place, 0, token), PyTuple_SetItem(place, 1, first), PyTuple_SetItem(place, 2, last);
    return place;
}

/* tokens(text) or, `placed`, token_spans(text) */
static PyObject *list_tokens(const reading *k, PyObject *text, int placed) {
    workspace w = {0};
    int64_t length = copy_text(k, text, 0, &w);
    token_reader r = {.reading = k, .text = w.text, .narrow = w.narrow, .end = length};
    PyObject *list = length < 0 ? NULL : PyList_New(0);
    int more = 0;
    while (list && (more = next_token(&r)) > 0) {
        /* a file may fold to nonsense */
        PyObject *item = PyUnicode_DecodeUTF8((const char *)r.token, (Py_ssize_t)r.length, "replace");
        if (item && placed) item = place_of(item, r.start, r.stop);
        if (!item || PyList_Append(list, item)) { Py_DECREF(list); list = NULL; }
        Py_XDECREF(item);
    }
    if (list && more < 0) { Py_DECREF(list); list = PyErr_NoMemory(); }
    forget_text(&w); free(r.letters);
    return list;
}

/* sentences(text) -> the spans of `text.sentence_spans` */
static PyObject *list_sentences(const reading *k, PyObject *text) {
    workspace w = {0};
    PyObject *list = NULL;
    int64_t length = copy_text(k, text, 1, &w);
    if (length >= 0) {
        int bad;
        Py_BEGIN_ALLOW_THREADS
        bad = sentence_spans(k, w.text, w.bytes, length, &w.lines, &w.body);
        Py_END_ALLOW_THREADS
        if (bad) PyErr_NoMemory();
        else list = PyList_New((Py_ssize_t)w.body.count);
    }
    for (int64_t i = 0; list && i < w.body.count; i++) {
        PyObject *pair = pair_of(w.body.items[i]);
        if (pair) PyList_SetItem(list, (Py_ssize_t)i, pair);
        else { Py_DECREF(list); list = NULL; }
    }
    forget_text(&w); free(w.lines.items); free(w.body.items);
    return list;
}

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
    workspace work; /* room for the text */
    uint32_t *line, *starts; /* tokens of the passage; the run that begins at each */
    int64_t line_room, starts_room;
} Reader;

static uint64_t text_key(const uint8_t *text, int64_t length) { /* as `tables.key` */
    uint64_t key = 0;
    for (int64_t at = 0; at < length; at += 8) {
        uint64_t chunk = 0;
        memcpy(&chunk, text + at, (size_t)(length - at < 8 ? length - at : 8));
        key = mix(key ^ chunk);
    }
    return key;
}

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
            int bad = copy_text(&k->reading, content, 0, &k->work) < 0;
            if (!bad) {
                k->reader.reading = &k->reading, k->reader.text = k->work.text, k->reader.narrow = k->work.narrow;
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
    free(k->reader.letters); forget_text(&k->work); free(k->line); free(k->starts);
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
static PyObject *Kernel_sentences(PyObject *self, PyObject *text) { return list_sentences(&((Kernel *)self)->reading, text); }
static PyObject *Kernel_tokens(PyObject *self, PyObject *text) { return list_tokens(&((Kernel *)self)->reading, text, 0); }
static PyObject *Kernel_token_spans(PyObject *self, PyObject *text) { return list_tokens(&((Kernel *)self)->reading, text, 1); }

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

/* --------------------------------------------------------------------------------------------------------- openings
 * Which lines of a page are worth a look, for `furniture`: nearly all are told by how they begin and end that they are not. */

typedef struct {
    PyObject_HEAD
    uint64_t *words; /* keys of first words, in a hash table with 0 for an empty slot */
    uint64_t mask;
    character *marks; /* what separates words, beside ASCII */
    int64_t mark_count, longest, reach, rule;
    PyObject *isascii;
} Openings;

static int is_opening(const Openings *o, uint64_t key) {
    uint64_t p = key & o->mask;
    while (o->words[p] && o->words[p] != key) p = (p + 1) & o->mask;
    return o->words[p] != 0;
}

static int is_mark(const Openings *o, character c) {
    for (int64_t i = 0; i < o->mark_count; i++) if (o->marks[i] == c) return 1;
    return 0;
}

/* Whether a line may be one that is looked for; no only where that is certain. `t` is not looked at in ASCII. */
static int may_open(const Openings *o, const character *t, const uint8_t *bytes, const uint8_t *narrow, int64_t start,
                    int64_t end) {
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

/* lines(text) -> the spans of the lines that may be looked for */
static PyObject *Openings_lines(PyObject *self, PyObject *text) {
    const Openings *o = (const Openings *)self;
    const reading question = {.isascii = o->isascii};
    workspace w = {0};
    const int64_t length = copy_text(&question, text, 0, &w);
    PyObject *list = length < 0 ? NULL : PyList_New(0);
    for (int64_t start = 0, end; list && start < length; start = end + 1) {
        const uint8_t *feed = memchr(w.bytes + start, '\n', (size_t)(length - start));
        end = feed ? feed - w.bytes : length;
        if (!may_open(o, w.text, w.bytes, w.narrow, start, end)) continue;
        PyObject *pair = pair_of((span){start, end});
        if (!pair || PyList_Append(list, pair)) { Py_DECREF(list); list = NULL; }
        Py_XDECREF(pair);
    }
    forget_text(&w);
    return list;
}

/* Openings(first words joined by newlines, marks, the longest line, how far a first word may reach, the shortest line without) */
static PyObject *Openings_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    const char *words;
    Py_ssize_t length;
    PyObject *marks;
    long long longest, reach, rule;
    if (!PyArg_ParseTuple(args, "y#ULLL", &words, &length, &marks, &longest, &reach, &rule)) return NULL;
    Openings *o = new_object(type, keywords);
    if (!o) return NULL;
    uint64_t size = 4;
    for (Py_ssize_t i = 0; i < length; i++) size += words[i] == '\n' ? 4 : 0; /* four slots a word: all but few are told at once */
    for (o->mask = 1; o->mask < size; o->mask *= 2);
    o->longest = longest, o->reach = reach, o->rule = rule;
    o->mark_count = PyUnicode_GetLength(marks), o->marks = PyUnicode_AsUCS4Copy(marks);
    o->words = calloc(o->mask--, sizeof *o->words), o->isascii = PyUnicode_InternFromString("isascii");
    if (!o->words || !o->marks || !o->isascii) { Py_DECREF(o); return PyErr_Occurred() ? NULL : PyErr_NoMemory(); }
    for (Py_ssize_t start = 0, end; start < length; start = end + 1) {
        for (end = start; end < length && words[end] != '\n';) end++;
        const uint64_t key = text_key((const uint8_t *)words + start, end - start);
        uint64_t p = key & o->mask;
        while (o->words[p]) p = (p + 1) & o->mask;
        o->words[p] = key;
    }
    return (PyObject *)o;
}

static void Openings_dealloc(PyObject *self) {
    Openings *o = (Openings *)self;
    free(o->words);
    PyMem_Free(o->marks);
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

/* ------------------------------------------------------------------------------------------------------------ curves
 * Probabilities of scores, number for number those of `decision.Sigmoid`. */

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

/* ------------------------------------------------------------------------------------------------------------ module */

static PyMethodDef methods[] = {
    {"answer", Kernel_answer, METH_VARARGS, "answer(content, offset, own): scores, spans, set aside, tokens, known, common."},
    {"scores", Kernel_scores, METH_O, "scores([(content, offset, own)]): the scores alone, doubles in bytes."},
    {"sentences", Kernel_sentences, METH_O, "sentences(text): the spans of its sentences."},
    {"tokens", Kernel_tokens, METH_O, "tokens(text): its tokens."},
    {"token_spans", Kernel_token_spans, METH_O, "token_spans(text): its tokens, each with start and end."},
    {"row", Kernel_row, METH_O, "row(key): the number of a term."},
    {NULL, NULL, 0, NULL}};
static PyType_Slot type_slots[] = {{Py_tp_new, Kernel_new},
                                   {Py_tp_dealloc, Kernel_dealloc},
                                   {Py_tp_methods, methods},
                                   {Py_tp_doc, "The tables of a model, checked; see features."},
                                   {0, NULL}};
static PyType_Spec type_spec = {"classifier._kernel.Kernel", sizeof(Kernel), 0, Py_TPFLAGS_DEFAULT, type_slots};

static int add_type(PyObject *module, PyType_Spec *spec, const char *name) {
    PyObject *type = PyType_FromSpec(spec);
    int bad = type ? PyModule_AddObjectRef(module, name, type) : -1;
    Py_XDECREF(type);
    return bad;
}

enum { EDITION = 1 }; /* as in `native`: to be raised with every change that plain Python must know of */

static int fill(PyObject *module) {
    return PyModule_AddIntConstant(module, "EDITION", EDITION) || add_type(module, &type_spec, "Kernel") || add_type(module, &reader_spec, "Reader") ||
           add_type(module, &openings_spec, "Openings") || add_type(module, &sigmoids_spec, "Sigmoids") ? -1 : 0;
}
static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, fill}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernel", "What several rooms do in plain Python, in C.", 0, NULL,
                                 module_slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&definition); }
