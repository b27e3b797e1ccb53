// libarchive, which reads and writes archives of projects.
#pragma once
#if __has_include(<archive.h>)
#include <archive.h>
#include <archive_entry.h>
#else
#error "libarchive is missing: install libarchive-dev (Debian, Ubuntu) or libarchive (Homebrew)"
#endif

#if ARCHIVE_VERSION_NUMBER < 3004000
#error "libarchive 3.4 or later is needed"
#endif

// A macro with a cast, which Swift does not import.
static const __LA_MODE_T carchive_regular = AE_IFREG;
