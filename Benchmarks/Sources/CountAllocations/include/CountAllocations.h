#include <stdint.h>

// The number of allocations that the calling thread has made.
uint64_t thread_allocations(void);
