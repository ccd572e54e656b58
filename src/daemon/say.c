/* What the daemon says (daemon.h). */
#include <stdarg.h>
#include <stdio.h>

#include "daemon.h"
#include "trine/buf.h"
#include "trine/text.h"

void daemon_say(const char *fmt, ...)
{
	struct buf line = BUF_INIT, shown = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&line, fmt, ap);
	va_end(ap);
	text_escape(&shown, line.data, line.len, true);
	fprintf(stderr, "trined: %s\n", shown.data);
	buf_release(&line);
	buf_release(&shown);
}
