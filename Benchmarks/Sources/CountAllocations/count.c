// Counts what each thread allocates, in a program that it is preloaded into: then the program and
// its libraries, Swift's runtime among them, find these functions before those of the C library.
#include "CountAllocations.h"

#ifdef __GLIBC__
#include <errno.h>
#include <stddef.h>

// The C library's own functions, by the names that nobody replaces; its `free` fits them.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

// In the thread's own block, whose address is known without a call that could allocate.
static __thread uint64_t count __attribute__((tls_model("initial-exec")));

uint64_t thread_allocations(void) { return count; }

void *malloc(size_t size) { return count++, __libc_malloc(size); }

void *calloc(size_t items, size_t size) { return count++, __libc_calloc(items, size); }

void *realloc(void *memory, size_t size) { return count++, __libc_realloc(memory, size); }

void *memalign(size_t alignment, size_t size) {
    return count++, __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **memory, size_t alignment, size_t size) {
    *memory = memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
#endif
