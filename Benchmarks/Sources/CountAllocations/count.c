// Counts the allocations of each thread in a program that this library is preloaded into. The
// program and its libraries, including Swift's runtime, then use these functions instead of the C
// library's.
#include "CountAllocations.h"

#ifdef __GLIBC__
#include <errno.h>
#include <stddef.h>

// The C library's own functions, under names that are not replaced; its `free` works with them.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

// In the static block of the thread, so that access to it never allocates.
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
