/* SPDX-License-Identifier: MIT */
#include "launch/elf_facts.h"

#include <elf.h>
#include <string.h>

struct file {
    const unsigned char *bytes;
    size_t len;
    uint64_t symbols_left; /* bytes of symbol tables: they do not overlap */
    struct elf_facts *facts;
    Elf64_Ehdr head;
};

/* The bytes [at, at + len), or NULL and a note that they are not there. */
static const void *bytes_at(struct file *f, uint64_t at, uint64_t len)
{
    if (at > f->len || len > f->len - at) {
        f->facts->damaged = true;
        return NULL;
    }
    return f->bytes + at;
}

static bool copy_at(struct file *f, void *to, uint64_t at, size_t len)
{
    const void *from = bytes_at(f, at, len);
    if (from)
        memcpy(to, from, len);
    return from != NULL;
}

/* Entry i of a table, wherever the file says that the table is. */
static bool entry_at(struct file *f, void *to, uint64_t table, uint64_t i,
                     size_t size)
{
    uint64_t at;
    if (__builtin_mul_overflow(i, size, &at) ||
        __builtin_add_overflow(at, table, &at)) {
        f->facts->damaged = true;
        return false;
    }
    return copy_at(f, to, at, size);
}

/* A table of text: [at, at + len) in the file. */
struct text {
    uint64_t at, len;
};

/* NULL: no such text, or none that ends soon: the names that mean something are
   short. */
static const char *text_at(struct file *f, struct text t, uint64_t i)
{
    enum { LONGEST = 256 };
    const char *all = i < t.len ? bytes_at(f, t.at, t.len) : NULL;
    const uint64_t room = t.len - i < LONGEST ? t.len - i : LONGEST;
    if (!all || !memchr(all + i, '\0', room))
        return NULL;
    return all + i;
}

static bool find_segment(struct file *f, uint32_t type, uint64_t vaddr,
                         Elf64_Phdr *ph)
{
    for (unsigned i = 0; i < f->head.e_phnum; i++) {
        if (!entry_at(f, ph, f->head.e_phoff, i, sizeof *ph))
            return false;
        if (ph->p_type == type &&
            (type != PT_LOAD || vaddr - ph->p_vaddr < ph->p_filesz))
            return true;
    }
    return false;
}

static void read_loader(struct file *f)
{
    Elf64_Phdr ph;
    char *loader = f->facts->loader;
    if (!find_segment(f, PT_INTERP, 0, &ph))
        return;
    const char *text = bytes_at(f, ph.p_offset, ph.p_filesz);
    const size_t len = text ? strnlen(text, ph.p_filesz) : 0;
    if (len == 0 || len >= sizeof f->facts->loader) {
        f->facts->damaged = true;
        memcpy(loader, "?", 2);
        return;
    }
    memcpy(loader, text, len);
    loader[len] = '\0';
}

/* A name and what it gives away; a library's is the beginning of its name. */
struct sign {
    const char *name, *means;
};

static const struct sign libraries[] = {
    {"libasan.so", "AddressSanitizer"},
    {"libtsan.so", "ThreadSanitizer"},
    {"libmsan.so", "MemorySanitizer"},
    {"liblsan.so", "LeakSanitizer"},
    {"libhwasan.so", "HWAddressSanitizer"},
    {"libclang_rt.asan", "AddressSanitizer"},
    {"libclang_rt.tsan", "ThreadSanitizer"},
    {"libclang_rt.hwasan", "HWAddressSanitizer"},
};

static const struct sign runtimes[] = {
    {"__asan_init", "AddressSanitizer"},     {"__tsan_init", "ThreadSanitizer"},
    {"__msan_init", "MemorySanitizer"},      {"__lsan_init", "LeakSanitizer"},
    {"__hwasan_init", "HWAddressSanitizer"},
};

static const struct sign allocators[] = {
    {"je_malloc", "jemalloc"},
    {"mallctl", "jemalloc"},
    {"tc_malloc", "tcmalloc"},
    {"mi_malloc", "mimalloc"},
};

#define COUNT(signs) (sizeof(signs) / sizeof(signs)[0])

static const char *meaning(const struct sign *signs, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(signs[i].name, name) == 0)
            return signs[i].means;
    return NULL;
}

static void note_library(struct elf_facts *facts, const char *name)
{
    for (size_t i = 0; name && i < COUNT(libraries); i++)
        if (strncmp(name, libraries[i].name, strlen(libraries[i].name)) == 0)
            facts->sanitizer = libraries[i].means;
}

static void note_definition(struct elf_facts *facts, const char *name)
{
    const char *sanitizer = meaning(runtimes, COUNT(runtimes), name);
    const char *allocator = meaning(allocators, COUNT(allocators), name);
    if (sanitizer)
        facts->sanitizer = sanitizer;
    if (allocator)
        facts->allocator = allocator;
    if (strcmp(name, "malloc") == 0)
        facts->defines_malloc = true;
}

/* gcc's static runtimes, stripped, hide all but what they look for. */
static void note_use(struct elf_facts *facts, const char *name)
{
    if (!facts->sanitizer && strcmp(name, "__sanitizer_malloc_hook") == 0)
        facts->sanitizer = "a sanitizer";
}

static bool dynamic_at(struct file *f, const Elf64_Phdr *ph, uint64_t i,
                       Elf64_Dyn *d)
{
    return i < ph->p_filesz / sizeof *d &&
           entry_at(f, d, ph->p_offset, i, sizeof *d) && d->d_tag != DT_NULL;
}

/* Where the dynamic section says that its names are. */
static struct text dynamic_text(struct file *f, const Elf64_Phdr *dynamic)
{
    struct text t = {0, 0};
    uint64_t vaddr = 0;
    Elf64_Phdr load;
    Elf64_Dyn d;
    for (uint64_t i = 0; dynamic_at(f, dynamic, i, &d); i++) {
        if (d.d_tag == DT_STRTAB)
            vaddr = d.d_un.d_ptr;
        if (d.d_tag == DT_STRSZ)
            t.len = d.d_un.d_val;
    }
    if (!find_segment(f, PT_LOAD, vaddr, &load) ||
        __builtin_add_overflow(load.p_offset, vaddr - load.p_vaddr, &t.at))
        return (struct text){0, 0};
    return t;
}

static void read_libraries(struct file *f)
{
    Elf64_Phdr ph;
    Elf64_Dyn d;
    if (!find_segment(f, PT_DYNAMIC, 0, &ph))
        return;
    f->facts->has_dynamic = true;
    const struct text names = dynamic_text(f, &ph);
    for (uint64_t i = 0; dynamic_at(f, &ph, i, &d); i++)
        if (d.d_tag == DT_NEEDED)
            note_library(f->facts, text_at(f, names, d.d_un.d_val));
}

static void read_symbols(struct file *f, const Elf64_Shdr *table)
{
    Elf64_Shdr names;
    Elf64_Sym sym;
    if (table->sh_link >= f->head.e_shnum ||
        !entry_at(f, &names, f->head.e_shoff, table->sh_link, sizeof names))
        return;
    const struct text t = {names.sh_offset, names.sh_size};
    if (table->sh_size > f->symbols_left) {
        f->facts->damaged = true;
        return;
    }
    f->symbols_left -= table->sh_size;
    for (uint64_t i = 0; i < table->sh_size / sizeof sym; i++) {
        if (!entry_at(f, &sym, table->sh_offset, i, sizeof sym))
            return;
        const char *name = text_at(f, t, sym.st_name);
        if (!name || ELF64_ST_BIND(sym.st_info) == STB_LOCAL)
            continue;
        if (sym.st_shndx == SHN_UNDEF)
            note_use(f->facts, name);
        else
            note_definition(f->facts, name);
    }
}

static void read_sections(struct file *f)
{
    Elf64_Shdr sh;
    for (unsigned i = 0; i < f->head.e_shnum; i++) {
        if (!entry_at(f, &sh, f->head.e_shoff, i, sizeof sh))
            return;
        if (sh.sh_type == SHT_SYMTAB || sh.sh_type == SHT_DYNSYM)
            read_symbols(f, &sh);
    }
}

struct elf_facts elf_facts_of(const void *bytes, size_t len)
{
    struct elf_facts facts = {0};
    struct file f = {
        .bytes = bytes, .len = len, .symbols_left = len, .facts = &facts};
    if (len < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return facts;
    facts.is_elf = true;
    facts.is_64 = f.bytes[EI_CLASS] == ELFCLASS64;
    facts.is_little = f.bytes[EI_DATA] == ELFDATA2LSB;
    /* type and machine stand at the same place in both classes */
    Elf64_Half type_machine[2];
    facts.unsure = !copy_at(&f, type_machine, EI_NIDENT, sizeof type_machine);
    if (facts.unsure)
        return facts;
    if (!facts.is_little) {
        type_machine[0] = __builtin_bswap16(type_machine[0]);
        type_machine[1] = __builtin_bswap16(type_machine[1]);
    }
    facts.type = type_machine[0];
    facts.machine = type_machine[1];
    if (!facts.is_64 || !facts.is_little)
        return facts;
    facts.unsure = !copy_at(&f, &f.head, 0, sizeof f.head);
    if (facts.unsure)
        return facts;
    read_loader(&f);
    facts.unsure = facts.damaged;
    read_libraries(&f);
    read_sections(&f);
    return facts;
}
