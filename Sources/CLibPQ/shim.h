// libpq's header lies in different places: found here, so that no pkg-config is needed and a
// program without PostgreSQL sees no warning.
#pragma once
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#elif __has_include(<postgresql/libpq-fe.h>)
#include <postgresql/libpq-fe.h>
#else
#error "libpq is missing: install libpq-dev (Debian, Ubuntu) or libpq (Homebrew)"
#endif
