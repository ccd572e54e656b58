/*
 * Text: UTF-8, lines, numbers, times and durations. Pure; no locale.
 */
#ifndef TRINE_TEXT_H
#define TRINE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trine/buf.h"

/* Well-formed UTF-8 (RFC 3629) without NUL. */
bool text_is_utf8(const char *s, size_t len);
/* Is S such, and at most MOST bytes of it? NULL is. */
bool text_fits(const char *s, size_t most);

/* Append S with control bytes made harmless for a terminal: ESC becomes \x1b,
 * bytes that are no UTF-8 \xNN. LF and TAB pass if MULTILINE, CR never. C1
 * controls, the bidirectional overrides and what nobody can see (tags, U+E0000 on,
 * blanks without width) become \u{…}: text from others must not hide text from a
 * person, nor say more to an agent than to one. */
void text_escape(struct buf *out, const char *s, size_t len, bool multiline);

/* The line at *POS of S, without its LF; moves *POS behind it. False at the end. */
bool text_line(struct span s, size_t *pos, struct span *line);

struct span text_trim(struct span s);	/* without blanks and LF at both ends */
bool text_starts(struct span s, const char *prefix);
/* Append WORD as one word of a shell, quoted if it must be. */
void text_shell_word(struct buf *out, const char *word);
/* The byte order mark that some editors put in front of a file. */
#define TEXT_MARK "\xef\xbb\xbf"
/* If S starts with PREFIX, S is what comes behind it. */
bool text_skip(struct span *s, const char *prefix);
bool text_is_blank(struct span s);

/* At most LEN bytes of S, cut at a character's boundary. */
size_t text_cut(const char *s, size_t len, size_t limit);
/* Cut S itself so. */
void text_shorten(char *s, size_t limit);
/* As much of S as OUT, of SIZE bytes, has room for, and a NUL. */
void text_copy(char *out, size_t size, struct span s);

/* A decimal number that fills all of S; no sign, no blanks, no overflow. */
bool text_number(struct span s, uint64_t *out);

/* RFC 3339 in UTC, "2026-11-20T13:10:00Z"; seconds since 1970. Parsing takes
 * an offset and fractions of a second too; years 1970 to 9999. */
enum { TIME_TEXT = 32 };
const char *time_format(int64_t seconds, char out[TIME_TEXT]);
const char *time_compact(int64_t seconds, char out[TIME_TEXT]);	/* 20261120T131000Z */
bool time_parse(struct span s, int64_t *seconds);

/* "30m", "90", "2h", "7d": seconds, with s m h d. At most ten years. */
bool duration_parse(struct span s, int64_t *seconds);
/* "9 min", "3 h", "2 d": how old something is, for people. */
const char *duration_words(int64_t seconds, char out[TIME_TEXT]);

#endif
