/* SPDX-License-Identifier: MIT */
#include "cfi.h"

#include "bytes.h"
#include "expression.h"
#include "row.h"
#include "rule.h"

bool cfi_table(const struct module *m, uintptr_t *table, size_t *n_pairs)
{
    const uintptr_t header = (uintptr_t)m->eh_frame_hdr;
    struct bytes b = bytes_in(header, m->end);
    if (!header || header < m->start || bytes_u8(&b) != 1)
        return false;
    const uint8_t frame_encoding = bytes_u8(&b);
    const uint8_t count_encoding = bytes_u8(&b);
    const uint8_t table_encoding = bytes_u8(&b);
    bytes_pointer(&b, frame_encoding);
    const uintptr_t n = bytes_pointer(&b, count_encoding);
    if (b.bad || table_encoding != 0x3b || n > (m->end - b.at) / 8)
        return false;
    *table = b.at;
    *n_pairs = n;
    return true;
}

static uintptr_t entry(const struct module *m, struct bytes *b, uintptr_t at)
{
    b->at = at;
    return (uintptr_t)m->eh_frame_hdr +
           (uintptr_t)(intptr_t)(int32_t)bytes_u32(b);
}

/* The frame description entry of the last function that begins at or before
   pc; 0: none. */
static uintptr_t find_entry(const struct module *m, uintptr_t pc)
{
    uintptr_t table;
    size_t low = 0, high;
    if (!cfi_table(m, &table, &high) || high == 0)
        return 0;
    struct bytes b = bytes_in(table, m->end);
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (entry(m, &b, table + middle * 8) <= pc)
            low = middle;
        else
            high = middle;
    }
    if (entry(m, &b, table + low * 8) > pc)
        return 0;
    const uintptr_t found = entry(m, &b, table + low * 8 + 4);
    return b.bad || found < m->start || found >= m->end ? 0 : found;
}

/* After its length word; a reader of what the length covers. */
static struct bytes open_entry(const struct module *m, uintptr_t at)
{
    struct bytes b = bytes_in(at, m->end);
    const uint32_t len = bytes_u32(&b);
    if (len == UINT32_MAX || len == 0)
        b.bad = true;
    return bytes_part(&b, len);
}

static void read_augmentation(struct bytes *b, uintptr_t text, struct common *c)
{
    struct bytes letters = bytes_in(text, b->at);
    bytes_u8(&letters);
    const uint64_t len = bytes_uleb(b);
    struct bytes data = bytes_part(b, len);
    for (uint8_t letter; (letter = bytes_u8(&letters)) != 0;) {
        if (letter == 'R') {
            c->encoding = bytes_u8(&data);
        } else if (letter == 'P') {
            const uint8_t encoding = bytes_u8(&data);
            bytes_pointer(&data, encoding & 0x7f);
        } else if (letter == 'L') {
            bytes_u8(&data);
        } else if (letter == 'S') {
            c->is_signal = true;
        } else if (letter != 'B') {
            break;
        }
    }
    b->bad |= data.bad;
}

static bool read_common(const struct module *m, uintptr_t at, struct common *c)
{
    struct bytes b = open_entry(m, at);
    *c = (struct common){.encoding = 0};
    const bool is_common = bytes_u32(&b) == 0;
    const uint8_t version = bytes_u8(&b);
    const uintptr_t text = b.at;
    uint8_t letter = bytes_u8(&b);
    c->has_augmentation = letter == 'z';
    if (!is_common || (version != 1 && version != 3) ||
        (letter != 'z' && letter != 0))
        return false;
    while (letter != 0)
        letter = bytes_u8(&b);
    c->code_align = bytes_uleb(&b);
    c->data_align = bytes_sleb(&b);
    c->ip_register = version == 1 ? bytes_u8(&b) : bytes_uleb(&b);
    if (c->has_augmentation)
        read_augmentation(&b, text, c);
    c->program = (struct code){b.at, b.end - b.at};
    return !b.bad;
}

/* The function that pc is in: its instructions and where it begins. */
static bool open_function(const struct module *m, uintptr_t pc,
                          struct common *c, struct code *program,
                          uintptr_t *start)
{
    const uintptr_t at = find_entry(m, pc);
    if (at == 0)
        return false;
    struct bytes b = open_entry(m, at);
    const uintptr_t place = b.at;
    const uint32_t back = bytes_u32(&b);
    if (b.bad || back == 0 || back > place - m->start ||
        !read_common(m, place - back, c))
        return false;
    *start = bytes_pointer(&b, c->encoding);
    const uintptr_t len = bytes_pointer(&b, c->encoding & 0x0f);
    if (c->has_augmentation) {
        const uint64_t skip = bytes_uleb(&b);
        bytes_skip(&b, skip);
    }
    *program = (struct code){b.at, b.end - b.at};
    return !b.bad && pc >= *start && pc - *start < len;
}

static bool evaluate(struct code code, const struct value *first, uintptr_t pc,
                     struct value *v)
{
    return expression_value(bytes_in(code.at, code.at + code.len), first, pc,
                            v);
}

/* rule_cfa and its offset; false: no simple rule. */
static bool cfa_of(const struct row *row, uintptr_t pc, unsigned *kind,
                   int64_t *off)
{
    struct value v = {VALUE_NUMBER, row->cfa_off};
    if (row->cfa_is_expression) {
        if (!evaluate(row->cfa_expression, NULL, pc, &v))
            return false;
    } else if (row->cfa_register == REGISTER_SP) {
        v.base = VALUE_SP;
    } else if (row->cfa_register == REGISTER_FP) {
        v.base = VALUE_FP;
    }
    *off = v.off;
    switch (v.base) {
    case VALUE_SP:
        *kind = RULE_CFA_SP;
        return true;
    case VALUE_FP:
        *kind = RULE_CFA_FP;
        return true;
    case VALUE_AT_SP:
        *kind = RULE_CFA_AT_SP;
        return true;
    case VALUE_AT_FP:
        *kind = RULE_CFA_AT_FP;
        return true;
    case VALUE_NUMBER:
    case VALUE_CFA:
        break;
    }
    return false;
}

/* The address that a register was saved at, as a base and an offset. */
static bool address_of(const struct saved *s, uintptr_t pc, struct value *v)
{
    const struct value cfa = {VALUE_CFA, 0};
    if (s->how == HOW_AT_CFA) {
        *v = (struct value){VALUE_CFA, s->off};
        return true;
    }
    return s->how == HOW_EXPRESSION && evaluate(s->expression, &cfa, pc, v);
}

static bool fp_of(const struct row *row, uintptr_t pc, unsigned *kind,
                  int64_t *off)
{
    struct value v = {VALUE_NUMBER, 0};
    *off = 0;
    *kind = RULE_FP_SAME;
    if (row->fp.how == HOW_SAME || row->fp.how == HOW_UNDEFINED)
        return true;
    if (!address_of(&row->fp, pc, &v))
        return false;
    *off = v.off;
    *kind = v.base == VALUE_CFA  ? RULE_FP_CFA
            : v.base == VALUE_FP ? RULE_FP_FP
                                 : RULE_FP_SP;
    return v.base == VALUE_CFA || v.base == VALUE_FP || v.base == VALUE_SP;
}

static bool ip_of(const struct row *row, uintptr_t pc, unsigned *kind,
                  int64_t *off)
{
    struct value v = {VALUE_NUMBER, 0};
    *off = 0;
    *kind = RULE_IP_LINK;
    if (row->ip.how == HOW_SAME)
        return true;
    if (!address_of(&row->ip, pc, &v))
        return false;
    *off = v.off;
    *kind = v.base == VALUE_CFA ? RULE_IP_CFA : RULE_IP_SP;
    return v.base == VALUE_CFA || v.base == VALUE_SP;
}

/* The caller's stack pointer is its frame address, however that is said. */
static bool sp_is_cfa(const struct row *row, uintptr_t pc, unsigned cfa,
                      int64_t a)
{
    struct value v;
    if (row->sp.how == HOW_SAME)
        return true;
    return row->sp.how == HOW_EXPRESSION && cfa == RULE_CFA_AT_SP &&
           address_of(&row->sp, pc, &v) && v.base == VALUE_SP && v.off == a;
}

static uint64_t rule_of(const struct row *row, const struct common *c,
                        uintptr_t pc)
{
    unsigned cfa, fp, ip;
    int64_t a, b, d;
    if (row->ip.how == HOW_UNDEFINED)
        return RULE_END;
    if (!cfa_of(row, pc, &cfa, &a) || !fp_of(row, pc, &fp, &b) ||
        !ip_of(row, pc, &ip, &d) || !sp_is_cfa(row, pc, cfa, a))
        return RULE_NONE;
    return rule_make(
        cfa | fp << 2 | ip << 4 | (c->is_signal ? RULE_SIGNAL : 0u), a, b, d);
}

/* Where the kernel saved what it interrupted, from the stack pointer in the
   code that a handler returns to. */
enum {
#if defined(__x86_64__)
    SIGNAL_FP = 120, /* in ucontext_t */
    SIGNAL_SP = 160,
    SIGNAL_IP = 168,
#elif defined(__aarch64__)
    SIGNAL_FP = 544, /* in siginfo_t, 128 bytes, and ucontext_t */
    SIGNAL_SP = 560,
    SIGNAL_IP = 568,
#endif
};

/* `mov $15, %rax; syscall`, or `mov x8, #139; svc #0`. */
static bool is_trampoline(uintptr_t ip)
{
    struct bytes b = bytes_in(ip, ip + 9);
#if defined(__aarch64__)
    return bytes_u32(&b) == 0xd2801168u && bytes_u32(&b) == 0xd4000001u;
#else
    return bytes_u64(&b) == 0x0f0000000fc0c748u && bytes_u8(&b) == 0x05;
#endif
}

bool cfi_covers(const struct module *m, uintptr_t pc)
{
    struct common common;
    struct code program;
    uintptr_t start;
    return open_function(m, pc, &common, &program, &start);
}

uint64_t cfi_undescribed(uintptr_t pc)
{
    if (!is_trampoline(pc + 1))
        return RULE_END;
    return rule_make(RULE_CFA_AT_SP | RULE_FP_SP << 2 | RULE_IP_SP << 4 |
                         RULE_SIGNAL,
                     SIGNAL_SP, SIGNAL_FP, SIGNAL_IP);
}

uint64_t cfi_rule_of(const struct module *m, uintptr_t pc, unsigned number)
{
    struct common common;
    struct code program;
    struct row row;
    uintptr_t start;
    if (!open_function(m, pc, &common, &program, &start))
        return cfi_undescribed(pc);
#if defined(__aarch64__)
    /* Some kernels describe their trampoline, but not the registers. */
    if (is_trampoline(pc + 1))
        return cfi_undescribed(pc);
#endif
    common.fp_register = number;
    if (!row_find(&row, &common, program, start, pc))
        return RULE_NONE;
    return rule_of(&row, &common, pc);
}

uint64_t cfi_rule(const struct module *m, uintptr_t pc)
{
    return cfi_rule_of(m, pc, REGISTER_FP);
}
