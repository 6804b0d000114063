/* SPDX-License-Identifier: MIT */
#include "report/text_out.h"

#include "arena.h"
#include "report/plain_text.h"
#include "report/utf8.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOTS "..."
enum { DOTS_LEN = 3 };

/* One character as shown; returns its columns and sets *len. */
static int show(uint32_t c, char piece[PLAIN_PIECE], int *len)
{
    *len = (int)plain_piece(piece, c);
    return utf8_is_control(c) ? *len : 1;
}

static long columns_of(const char *s)
{
    char piece[PLAIN_PIECE];
    long columns = 0;
    int len;
    while (*s)
        columns += show(utf8_next(&s), piece, &len);
    return columns;
}

static void append(struct text *t, const char *piece, int len, int columns)
{
    memcpy(t->bytes + t->len, piece, (size_t)len);
    t->len += len;
    t->bytes[t->len] = 0;
    t->columns += columns;
}

/* As much of s as fits. */
static void append_text(struct text *t, const char *s, int max)
{
    char piece[PLAIN_PIECE];
    while (*s) {
        int len;
        const int columns = show(utf8_next(&s), piece, &len);
        if (t->columns + columns > max)
            return;
        append(t, piece, len, columns);
    }
}

static int within_width(int max)
{
    return max > TEXT_WIDTH     ? TEXT_WIDTH
           : max < DOTS_LEN + 1 ? DOTS_LEN + 1
                                : max;
}

void text_append(struct text *t, const char *s)
{
    append_text(t, s, TEXT_WIDTH);
}

struct text text_head(const char *s, int max)
{
    struct text t = {0};
    max = within_width(max);
    if (columns_of(s) <= max) {
        append_text(&t, s, max);
        return t;
    }
    append_text(&t, s, max - DOTS_LEN);
    append(&t, DOTS, DOTS_LEN, DOTS_LEN);
    return t;
}

struct text text_tail(const char *s, int max)
{
    struct text t = {0};
    char piece[PLAIN_PIECE];
    int len;
    max = within_width(max);
    long left = columns_of(s);
    if (left > max) {
        while (left > max - DOTS_LEN)
            left -= show(utf8_next(&s), piece, &len);
        const char *slash = strchr(s, '/');
        if (slash && slash - s < max / 2)
            s = slash;
        append(&t, DOTS, DOTS_LEN, DOTS_LEN);
    }
    append_text(&t, s, max);
    return t;
}

static bool stands_before(const char *s, const char *at, const char *word)
{
    const long len = (long)strlen(word);
    return at - s >= len && strncmp(at - len, word, (size_t)len) == 0;
}

/* Is the bracket at `at` part of an operator's name, or of a name that has no
   other? */
static bool belongs_to_name(const char *s, const char *at)
{
    static const char unnamed[] = "(anonymous namespace)";
    if (*at == '(')
        return strncmp(at, unnamed, sizeof unnamed - 1) == 0 ||
               (at[1] == ')' && stands_before(s, at, "operator"));
    return stands_before(s, at, "operator") ||
           stands_before(s, at, "operator<");
}

static const char *end_of_group(const char *at, char open, char close)
{
    long depth = 0;
    for (; *at; at++) {
        depth += *at == open;
        depth -= *at == close && at[-1] != '-';
        if (depth == 0)
            return at;
    }
    return NULL;
}

/* Leaves "..." of what stands between brackets. In place. */
static void collapse(char *s, char open, char close)
{
    char *to = s;
    const char *from = s;
    while (*from) {
        const char *end = *from == open && !belongs_to_name(s, from)
                              ? end_of_group(from, open, close)
                              : NULL;
        if (!end || end - from <= DOTS_LEN) {
            *to++ = *from++;
            continue;
        }
        *to++ = open;
        memcpy(to, DOTS, DOTS_LEN);
        to += DOTS_LEN;
        from = end;
    }
    *to = 0;
}

struct text text_function(const char *name, int max)
{
    if (columns_of(name) <= max)
        return text_head(name, max);
    const size_t len = strlen(name) + 1;
    char *s = must_calloc(len, 1);
    memcpy(s, name, len);
    collapse(s, '<', '>');
    if (columns_of(s) > max)
        collapse(s, '(', ')');
    const struct text t =
        strstr(s, "::") ? text_tail(s, max) : text_head(s, max);
    free(s);
    return t;
}

struct text text_number(uint64_t n)
{
    char digits[32];
    struct text t = {0};
    const int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            append(&t, ",", 1, 1);
        append(&t, &digits[i], 1, 1);
    }
    return t;
}

struct text text_count(uint64_t n, const char *noun)
{
    struct text t = text_number(n);
    append(&t, " ", 1, 1);
    append_text(&t, noun, TEXT_WIDTH);
    if (n != 1)
        append(&t, "s", 1, 1);
    return t;
}

void text_add(struct text_line *l, const char *fmt, ...)
{
    const size_t room = sizeof l->text - l->len;
    va_list ap;
    va_start(ap, fmt);
    const int n = vsnprintf(l->text + l->len, room, fmt, ap);
    va_end(ap);
    if (n > 0)
        l->len += (size_t)n < room ? (size_t)n : room - 1;
}

void text_add_safe(struct text_line *l, const char *s)
{
    char piece[PLAIN_PIECE];
    int len;
    while (*s) {
        show(utf8_next(&s), piece, &len);
        if (l->len + (size_t)len >= sizeof l->text)
            return;
        memcpy(l->text + l->len, piece, (size_t)len);
        l->len += (size_t)len;
        l->text[l->len] = 0;
    }
}

bool text_wants_colour(FILE *to)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(fileno(to)) && !(no && *no) && term &&
           strcmp(term, "dumb") != 0;
}

void text_put(const struct text_out *o, enum text_style style, const char *s)
{
    static const char *const codes[] = {[TEXT_PLAIN] = "",
                                        [TEXT_BOLD] = "\x1b[1m",
                                        [TEXT_DIM] = "\x1b[2m",
                                        [TEXT_RED] = "\x1b[1;31m",
                                        [TEXT_GREEN] = "\x1b[32m"};
    const bool styled = o->colour && style != TEXT_PLAIN;
    if (styled)
        fputs(codes[style], o->to);
    fputs(s, o->to);
    if (styled)
        fputs("\x1b[0m", o->to);
}

static int word_columns(const char *s, size_t len)
{
    int n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    return n;
}

/* A word that fits no line is broken where the line ends. */
static int put_word(const struct text_out *o, int column, int indent,
                    const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const bool begins = ((unsigned char)word[i] & 0xc0) != 0x80;
        if (begins && column >= TEXT_WIDTH) {
            fprintf(o->to, "\n%*s", indent, "");
            column = indent;
        }
        fputc(word[i], o->to);
        column += begins;
    }
    return column;
}

int text_flow(const struct text_out *o, int column, int indent,
              const char *words)
{
    for (bool first = true; *words; first = false) {
        const size_t len = strcspn(words, " ");
        if (!first && column + 1 + word_columns(words, len) > TEXT_WIDTH) {
            fprintf(o->to, "\n%*s", indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', o->to);
            column++;
        }
        column = put_word(o, column, indent, words, len);
        words += len + strspn(words + len, " ");
    }
    return column;
}

void text_wrap(const struct text_out *o, int column, int indent,
               const char *words)
{
    text_flow(o, column, indent, words);
    fputc('\n', o->to);
}
