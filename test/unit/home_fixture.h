/* What tests of one computer share: its directory, opened, with nothing in it yet. */
#ifndef HOME_FIXTURE_H
#define HOME_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "scratch.h"
#include "trine/file.h"
#include "trine/home.h"

static struct error err;
static struct clock clock_;
static struct home *h;
static char root[64];

#define assert_ok(expression) do {					\
	if ((expression) != 0)						\
		fail_msg("%s: %s", #expression, err.text);		\
} while (0)

/* With this in trine.ini too. */
static inline void set(const char *text)
{
	char *path = home_path(h, "trine.ini");
	struct buf bytes = BUF_INIT;

	assert_ok(file_read(path, LIMIT_INI_FILE, &bytes, NULL, &err));
	buf_printf(&bytes, "\n%s\n", text);
	assert_ok(file_put(path, span_of(&bytes), 0600, &err));
	buf_release(&bytes);
	free(path);
	home_close(h);
	assert_ok(home_open(&h, root, &clock_, &err));
}

static inline int set_up(void **state)
{
	struct init_options o = { .dir = root, .number = 1, .clone = "5f3a9c1e",
				  .why = "init" };

	(void)state;
	clock_system(&clock_);
	error_clear(&err);
	if (scratch_make(root, sizeof(root), "home") == -1 ||
	    home_init(&o, &clock_, &err) == -1)
		return -1;
	return home_open(&h, root, &clock_, &err);
}

static inline int tear_down(void **state)
{
	(void)state;
	home_close(h);
	return scratch_remove(root);
}

#endif
