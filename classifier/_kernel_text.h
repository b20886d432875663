/* A string comes in, its sentences, its tokens and their keys go out, as `text` has them; topics and terms are unknown here. */
#ifndef KERNEL_TEXT_H
#define KERNEL_TEXT_H

#include "_kernel_base.h"

typedef uint32_t character;
enum { PAGES = 0x110000 / 256, LONGEST_LIST_WORD = 24 };

typedef struct {
    char *text;                              /* "\nmr\nmrs\n…\n" */
    uint32_t firsts[LONGEST_LIST_WORD + 1]; /* of the words of each length the first letters, as bits */
} word_list;

/* What `text.character_class` says of a character. */
enum {
    SPACE = 1, LOWER = 2, UPPER = 4, TITLE = 8, ALNUM = 16, ALPHA = 32, DIGIT = 64, END = 128, END_ALONE = 256, CLOSER = 512,
    OPENER = 1024, BULLET = 2048, STICKY = 4096
};
enum { B_PAGES, B_FOLDS, B_CLASSES, CHARACTER_BUFFERS }; /* the tables of characters */

/* All that must be known to read a text, whatever for. */
typedef struct {
    const uint16_t *pages, *classes; /* of a character c: classes[pages[c >> 8] * 256 + (c & 255)] */
    const uint32_t *folds;           /* 0 separates, 1 is dropped, else the UTF-8 bytes of the fold, lowest first */
    word_list titles, doubtful, starters;
    PyObject *isascii; /* the name of the question */
} reading;

/* A text in hand, and what was read of it. */
typedef struct {
    character *texts;      /* texts that are read together, one behind the other, but for those that can be read where they lie */
    const character *text; /* that in hand; not looked at where all of it is ASCII */
    uint8_t *narrow; /* of each character: the fold of a letter or digit of ASCII, 0 for a separator, ASK for the table */
    uint8_t *bytes;  /* of each character: itself if it is ASCII, or ASK */
    uint8_t *marks;  /* of each character: 0 if it cannot end a sentence */
    int64_t *edges;  /* where tokens of the passage at hand begin and end, in turn */
    int64_t texts_room, narrow_room, bytes_room, marks_room, edges_room;
    keys tokens;     /* of its passages, one behind the other */
    spans lines, sentences;
} in_hand;

/* A string that is to be read. */
typedef struct {
    int64_t at, length;   /* its characters, in `texts` */
    const uint8_t *ascii; /* its characters where they lie, if they are all ASCII */
} string;

static inline uint32_t first_bit(char letter) { /* all that is no letter of ASCII has one bit */
    return (uint32_t)1 << ((uint8_t)(letter - 'a') < 26 ? letter - 'a' : 31);
}

static int keep_words(word_list *list, const char *text, Py_ssize_t length) {
    list->text = malloc((size_t)length + 1);
    if (!list->text) return -1;
    memcpy(list->text, text, (size_t)length);
    list->text[length] = 0;
    for (Py_ssize_t start = 0, end; start < length; start = end + 1) {
        for (end = start; end < length && text[end] != '\n';) end++;
        if (end > start && end - start <= LONGEST_LIST_WORD) list->firsts[end - start] |= first_bit(text[start]);
    }
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

static inline uint16_t class_of(const reading *k, character c) { return k->classes[k->pages[c >> 8] * 256u + (c & 255)]; }
static inline int is(const reading *k, character c, int kind) { return (class_of(k, c) & kind) != 0; }

/* -------------------------------------------------------------------------------------------------------- sentences
 * Each function is the one of the same name in `text`. */

static int in_list(const word_list *list, const char *word, int length) {
    char framed[LONGEST_LIST_WORD + 3];
    if (length == 0 || length > LONGEST_LIST_WORD || !(list->firsts[length] & first_bit(word[0]))) return 0;
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

/* Where a sentence may end next, at or behind a place. */
static inline int64_t next_mark(const uint8_t *marks, int64_t from) {
    for (uint64_t x;; from += 8) {
        memcpy(&x, marks + from, 8);
        if (x) return from + (__builtin_ctzll(x) >> 3);
    }
}

static int split_passage(const reading *k, const character *t, const uint8_t *marks, int64_t start, int64_t end, int64_t length,
                         spans *out) {
    int64_t position = start, begin = start;
    while ((position = next_mark(marks, position)) < end) {
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

static int join_wrapped(const reading *k, const character *t, const uint8_t *marks, const span *lines, int64_t count,
                        int64_t length, spans *out) {
    if (!count) return 0;
    int64_t width = 0, start = lines[0].start;
    for (int64_t i = 0; i < count; i++) if (lines[i].end - lines[i].start > width) width = lines[i].end - lines[i].start;
    for (int64_t i = 0; i + 1 < count; i++)
        if (!is_wrap(k, t, lines[i], lines[i + 1], width, NARROWEST, WIDEST)) {
            if (split_passage(k, t, marks, start, lines[i].end, length, out)) return -1;
            start = lines[i + 1].start;
        }
    return split_passage(k, t, marks, start, lines[count - 1].end, length, out);
}

/* The sentences of the text in hand from some character on, in order, onto h->sentences; places count from there. */
static int sentence_spans(const reading *k, in_hand *h, int64_t from, int64_t total) {
    const character *t = h->text + from;
    const uint8_t *bytes = h->bytes + from, *marks = h->marks + from;
    spans *lines = &h->lines, *out = &h->sentences;
    const int64_t length = total - from;
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
            if (join_wrapped(k, t, marks, lines->items, lines->count, length, out)) return -1;
            lines->count = 0;
        }
        if (stop >= length) break;
        position = stop + 1;
    }
    return join_wrapped(k, t, marks, lines->items, lines->count, length, out);
}

/* ----------------------------------------------------------------------------------------------------------- tokens */

static const uint64_t C1 = 0x9E3779B97F4A7C15u, C2 = 0xD6E8FEB86659FD93u; /* as in `tables` */
static inline uint64_t mix(uint64_t h) { h *= C1; return h ^ (h >> 32); }
static inline uint64_t chain(uint64_t a, uint64_t b) { a = (a ^ (b * C2)) * C1 + b; return a ^ (a >> 32); }

/* The key of a token by its text, as `tables.key`: what `read_tokens` makes of its characters. */
static uint64_t text_key(const uint8_t *text, int64_t length) {
    uint64_t key = 0;
    for (int64_t at = 0; at < length; at += 8) {
        uint64_t chunk = 0;
        memcpy(&chunk, text + at, (size_t)(length - at < 8 ? length - at : 8));
        key = mix(key ^ chunk);
    }
    return key;
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

/* Which characters in bytes may end a sentence: the marks of ASCII that do, and all that is not ASCII. */
BYTE_CLONES static void to_marks(const uint8_t *restrict t, int64_t length, uint8_t *restrict out) {
    for (int64_t i = 0; i < length; i++) {
        uint8_t c = t[i], mark = c & 128;
        mark = c == '.' ? c : mark;
        mark = c == '!' ? c : mark;
        out[i] = c == '?' ? c : mark;
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

/* Where runs of non-zero bytes begin and end in h->narrow, in turn, onto h->edges; returns how many. */
static int64_t read_edges(in_hand *h, int64_t start, int64_t end) {
    int64_t count = 0;
    uint64_t inside = 0;
    for (int64_t base = start; base < end; base += BLOCK) {
        uint64_t bits = 0;
        for (int j = 0; j < BLOCK / 8; j++) bits |= filled(h->narrow + base + 8 * j) << 8 * j;
        if (end - base < BLOCK) bits &= ((uint64_t)1 << (end - base)) - 1;
        for (uint64_t edges = bits ^ (bits << 1 | inside); edges; edges &= edges - 1)
            h->edges[count++] = base + __builtin_ctzll(edges);
        inside = bits >> (BLOCK - 1);
    }
    if (count & 1) h->edges[count++] = end;
    return count;
}

/* Append the keys of the tokens of a passage of the text in hand to h->tokens. */
static int read_tokens(const reading *k, in_hand *h, int64_t start, int64_t end) {
    static const uint64_t kept[25] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF,
        0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull};
    const uint64_t highs = 0x8080808080808080u;
    keys *tokens = &h->tokens;
    if (grow(&tokens->items, &tokens->room, tokens->count + (end - start) / 2 + 1, 8) ||
        grow(&h->edges, &h->edges_room, end - start + 2, sizeof *h->edges))
        return -1;
    uint64_t *out = tokens->items + tokens->count;
    int64_t edges = read_edges(h, start, end);
    for (int64_t i = 0; i < edges; i += 2) {
        int64_t from = h->edges[i], to = h->edges[i + 1], length = to - from;
        uint64_t first, second;
        memcpy(&first, h->narrow + from, 8);
        memcpy(&second, h->narrow + from + 8, 8);
        if (length <= 16) {
            first &= kept[length + 8], second &= kept[length];
            uint64_t one = mix(first), two = mix(one ^ second), key = length > 8 ? two : one;
            *out = key | (uint64_t)(key == 0); /* no token has key 0: it would be taken for none */
            out += !((first | second) & highs);
            if (!((first | second) & highs)) continue;
        }
        while (from < to) {
            *out = read_folds(k, h->text, h->narrow, &from, to);
            out += *out != 0;
        }
    }
    tokens->count = out - tokens->items;
    return 0;
}

/* ---------------------------------------------------------------------------------------------------------- strings */

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

/* Look at a string, and copy it to h->texts at s->at unless it is ASCII and not `whole`. How many characters were copied, -1 with
 * an error set. */
static int64_t take_text(const reading *k, PyObject *text, int whole, in_hand *h, string *s) {
    if (!PyUnicode_Check(text)) { PyErr_SetString(PyExc_TypeError, "a text is a str"); return -1; }
    Py_ssize_t length = PyUnicode_GetLength(text);
    s->length = length;
    s->ascii = ascii_of(text, k->isascii);
    if (s->ascii && !whole) return 0;
    if (grow(&h->texts, &h->texts_room, s->at + length + 1, sizeof(character))) { PyErr_NoMemory(); return -1; }
    if (length && !PyUnicode_AsUCS4(text, (Py_UCS4 *)h->texts + s->at, length, 0)) return -1;
    return length;
}

/* Take a string that was looked at in hand: write what h->narrow, h->bytes and h->marks hold of it. */
static int narrow_text(in_hand *h, const string *s) {
    const int64_t n = s->length;
    if (grow(&h->narrow, &h->narrow_room, n + AROUND, 1) || grow(&h->bytes, &h->bytes_room, n + AROUND, 1) ||
        grow(&h->marks, &h->marks_room, n + AROUND, 1))
        return -1;
    h->text = h->texts ? h->texts + s->at : NULL;
    if (s->ascii) memcpy(h->bytes, s->ascii, (size_t)n);
    else to_bytes(h->text, n, h->bytes);
    to_narrow(h->bytes, n, h->narrow);
    to_marks(h->bytes, n, h->marks);
    memset(h->narrow + n, 0, AROUND);
    memset(h->marks + n, 1, AROUND); /* a search ends here */
    return 0;
}

static void forget_text(in_hand *h) {
    free(h->texts); free(h->narrow); free(h->bytes); free(h->marks); free(h->edges);
    free(h->tokens.items); free(h->lines.items); free(h->sentences.items);
}

/* Put a string into h->narrow, and into h->text unless it is ASCII and not `whole`; its length, or -1 with an error set. */
static int64_t copy_text(const reading *k, PyObject *text, int whole, in_hand *h) {
    string s = {0};
    if (take_text(k, text, whole, h, &s) < 0) return -1;
    if (narrow_text(h, &s)) { PyErr_NoMemory(); return -1; }
    return s.length;
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

/* A high bit at each of eight bytes that is 0; above the lowest bit that is set others may be set wrongly. */
static inline uint64_t empty_bytes(uint64_t bytes) { return (bytes - 0x0101010101010101u) & ~bytes; }

/* How many letters and digits of ASCII there are at the front of eight characters, by what `narrow` holds of them. */
static inline int letters_ahead(const uint8_t *narrow) {
    uint64_t x;
    memcpy(&x, narrow, 8);
    x = (empty_bytes(x) | x) & 0x8080808080808080u;
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
    in_hand h = {0};
    int64_t length = copy_text(k, text, 0, &h);
    token_reader r = {.reading = k, .text = h.text, .narrow = h.narrow, .end = length};
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
    forget_text(&h); free(r.letters);
    return list;
}

/* sentences(text) -> the spans of `text.sentence_spans` */
static PyObject *list_sentences(const reading *k, PyObject *text) {
    in_hand h = {0};
    PyObject *list = NULL;
    int64_t length = copy_text(k, text, 1, &h);
    if (length >= 0) {
        int bad;
        Py_BEGIN_ALLOW_THREADS
        bad = sentence_spans(k, &h, 0, length);
        Py_END_ALLOW_THREADS
        if (bad) PyErr_NoMemory();
        else list = PyList_New((Py_ssize_t)h.sentences.count);
    }
    for (int64_t i = 0; list && i < h.sentences.count; i++) {
        PyObject *pair = pair_of(h.sentences.items[i]);
        if (pair) PyList_SetItem(list, (Py_ssize_t)i, pair);
        else { Py_DECREF(list); list = NULL; }
    }
    forget_text(&h);
    return list;
}

#endif
