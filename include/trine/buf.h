/*
 * A growing run of bytes, always followed by a NUL that is not counted, so
 * that buf.data can be handed to whatever wants a C string.
 *
 *	struct buf b = BUF_INIT;
 *	buf_printf(&b, "%d files\n", n);
 *	puts(b.data);
 *	buf_release(&b);
 *
 * This is a low-level primitive: it knows nothing of files, messages or git.
 */
#ifndef TRINE_BUF_H
#define TRINE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;	/* never NULL */
	size_t len;
	size_t cap;	/* 0: data is the shared empty string, not ours */
};

extern char buf_empty[1];
#define BUF_INIT { buf_empty, 0, 0 }

void buf_init(struct buf *b);
void buf_release(struct buf *b);		/* leaves B empty and usable */
void buf_reset(struct buf *b);			/* length 0, memory kept */
void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addb(struct buf *b, const struct buf *other);
void buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
void buf_truncate(struct buf *b, size_t len);
/* Hand the bytes to the caller, who frees them; B is empty afterwards. */
char *buf_detach(struct buf *b);

/* A borrowed run of bytes: valid as long as what it points into. */
struct span {
	const char *p;
	size_t len;
};

int span_equal(struct span a, struct span b);
int span_is(struct span a, const char *s);
struct span span_of(const struct buf *b);
struct span span_str(const char *s);

#endif
