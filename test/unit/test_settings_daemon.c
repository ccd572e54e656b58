/* The keys of trine.ini that the daemon reads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trine/settings.h"

static int parse(const char *text, struct settings *s, struct buf *faults)
{
	struct error err = ERROR_INIT;

	return settings_parse(span_str(text), "f", s, faults, &err);
}

static void defaults_hold(void **state)
{
	struct buf faults = BUF_INIT;
	const struct instance_settings *i;
	struct settings s;

	(void)state;
	assert_int_equal(parse("[instance a]\n", &s, &faults), 0);
	assert_string_equal(s.listen, "127.0.0.1:8900");
	assert_int_equal(s.period, 300);
	assert_int_equal(s.health_period, 30);
	assert_false(s.keep);
	assert_null(s.names);
	assert_null(s.alert_run);
	assert_null(s.alert_to);
	i = settings_instance(&s, "a");
	assert_non_null(i);
	assert_null(i->start);
	assert_null(i->health);
	assert_null(i->prefer);
	assert_int_equal(i->copies, 1);
	assert_int_equal(i->slow, 2);
	assert_int_equal(i->startup, 60);
	assert_int_equal(i->weight, 1);
	settings_release(&s);
	buf_release(&faults);
}

/* One fault each: how its line must begin. NULL: none. */
static const struct {
	const char *text, *fault;
} rows[] = {
	{ "[daemon]\nlisten = off\n", NULL },
	{ "[daemon]\nlisten = localhost:0\n", NULL },
	{ "[daemon]\nlisten = [::1]:8900\n", NULL },
	{ "[daemon]\nlisten = 0.0.0.0:65535\n", NULL },
	{ "[daemon]\nlisten = 127.0.0.1\n", "f:2: listen: '127.0.0.1' is neither off" },
	{ "[daemon]\nlisten = 127.0.0.1:65536\n", "f:2: listen: " },
	{ "[daemon]\nlisten = :80\n", "f:2: listen: " },
	{ "[daemon]\nlisten = example.org:80\n", "f:2: listen: " },
	{ "[daemon]\nlisten = ::1:80\n", "f:2: listen: " },
	{ "[daemon]\nlisten =\n", "f:2: listen: " },
	{ "[daemon]\nnames = trine.example.org, my_box\n", NULL },
	{ "[daemon]\nnames = trine.example.org:443\n", "f:2: names: 'trine" },
	{ "[daemon]\nnames = box, https://box\n", "f:2: names: 'https://box' is no name" },
	{ "[daemon]\nnames = -x\n", "f:2: names: " },
	{ "[daemon]\nnames = .\n", "f:2: names: " },
	{ "[daemon]\nperiod = 9s\n", "f:2: period: '9s' is no time from 10s to 1d" },
	{ "[daemon]\nhealth = 0\n", "f:2: health: '0' is no time from 1s to 1h" },
	{ "[daemon]\nkeep = maybe\n", "f:2: keep: 'maybe' is neither yes nor no" },
	{ "[alert]\nrun = /bin/mail\n  -s\n  a fire\n", NULL },
	{ "[alert]\nrun = bin/mail\n", "f:2: run: 'bin/mail' is neither a full path" },
	{ "[alert]\nrun =\n", "f:2: run: has no value" },
	{ "[alert]\nto = a, b\n[instance a]\n[instance b]\n", NULL },
	{ "[alert]\nto = a, c\n[instance a]\n", "f:2: to: there is no [instance c]" },
	{ "[instance a]\nstart = ./a\n", "f:2: start: './a' is neither a full path" },
	{ "[instance a]\nstart = a\n  --port\n  80{copy}\ncopies = 4\n", NULL },
	{ "[instance a]\ncopies = 4\n", "f:2: copies: wants a program to start" },
	{ "[instance a]\ncopies = 100\n", "f:2: copies: '100' is no number from 1" },
	{ "[instance a]\nstop = \n", "f:2: stop: has no value" },
	{ "[instance a]\nslow = 11s\n", "f:2: slow: " },
	{ "[instance a]\nstartup = 0s\n", "f:2: startup: " },
	{ "[instance a]\nweight = 101\n", "f:2: weight: " },
	{ "[instance a]\nprefer = speed\n", NULL },
	{ "[instance a]\nprefer = both\n", "f:2: prefer: 'both' is neither speed nor" },
	{ "[instance a]\nhealth = process\n", NULL },
	{ "[instance a]\nhealth = process yes\n", "f:2: health: nothing stands behind" },
	{ "[instance a]\nhealth = http://localhost:80{copy}/health\n", NULL },
	{ "[instance a]\nhealth = https://localhost/\n",
	  "f:2: health: 'https://localhost/' says not how to ask" },
	{ "[instance a]\nhealth = http://me@localhost/\n", "f:2: health: a user or" },
	{ "[instance a]\nhealth = fine\n", "f:2: health: 'fine' says not how to ask" },
	{ "[instance a]\nhealth = exec\n", "f:2: health: exec wants a program" },
	{ "[instance a]\nhealth = exec ./x\n", "f:2: health: './x' is neither" },
	{ "[instance a]\nhealth = exec pg_isready -q\n  -h\n  a host\n", NULL },
	{ "[instance a]\nhealth = file alive 60\n", NULL },
	{ "[instance a]\nhealth = file /run/my files/alive 2m\n", NULL },
	{ "[instance a]\nhealth = file alive\n", "f:2: health: file wants a path" },
	{ "[instance a]\nhealth = file 60\n", "f:2: health: file wants a path" },
	{ "[instance a]\nhealth = file alive 0\n", "f:2: health: file wants a path" },
	{ "[instance a]\nhealth = file a 60\n  b 60\n",
	  "f:2: health: file wants a path" },
	{ "[instance a]\nhealth = process\n  yes\n",
	  "f:2: health: nothing stands behind process" },
};

static void rows_are_judged(void **state)
{
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf faults = BUF_INIT;
		int rc = parse(rows[i].text, &s, &faults);

		if (rc != (rows[i].fault != NULL ? -1 : 0) ||
		    (rc == -1 && strncmp(faults.data, rows[i].fault,
					 strlen(rows[i].fault)) != 0))
			fail_msg("%s: %s", rows[i].text, faults.data);
		settings_release(&s);
		buf_release(&faults);
	}
}

static void health_is_understood(void **state)
{
	struct buf why = BUF_INIT;
	struct health h;

	(void)state;
	assert_true(settings_health("process", &h, &why));
	assert_int_equal(h.kind, HEALTH_PROCESS);
	health_release(&h);
	assert_true(settings_health("http://h:1/x", &h, &why));
	assert_int_equal(h.kind, HEALTH_HTTP);
	assert_string_equal(h.url, "http://h:1/x");
	health_release(&h);
	assert_true(settings_health("exec  /bin/x  -a\tb\ntwo words", &h, &why));
	assert_int_equal(h.kind, HEALTH_EXEC);
	assert_int_equal(h.argv.count, 4);
	assert_string_equal(h.argv.item[0], "/bin/x");
	assert_string_equal(h.argv.item[2], "b");
	assert_string_equal(h.argv.item[3], "two words");
	health_release(&h);
	assert_true(settings_health("file /my files/a  2m", &h, &why));
	assert_int_equal(h.kind, HEALTH_FILE);
	assert_string_equal(h.path, "/my files/a");
	assert_int_equal(h.seconds, 120);
	health_release(&h);
	buf_release(&why);
}

static void addresses_are_understood(void **state)
{
	struct listen l;

	(void)state;
	assert_true(settings_listen("off", &l));
	assert_false(l.on);
	assert_true(settings_listen("localhost:0", &l));
	assert_true(l.on);
	assert_string_equal(l.host, "127.0.0.1");
	assert_int_equal(l.port, 0);
	assert_true(settings_listen("[::1]:8900", &l));
	assert_string_equal(l.host, "::1");
	assert_int_equal(l.port, 8900);
}

static void copies_have_numbers(void **state)
{
	char *text = settings_of_copy("a{copy}b{copy}{cop}", 12);

	(void)state;
	assert_string_equal(text, "a12b12{cop}");
	free(text);
	text = settings_of_copy("", 1);
	assert_string_equal(text, "");
	free(text);
}

static void names_are_split(void **state)
{
	struct list l;

	(void)state;
	settings_names(" a,b ,\n c", &l);
	assert_int_equal(l.count, 3);
	assert_string_equal(l.item[0], "a");
	assert_string_equal(l.item[2], "c");
	list_release(&l);
	settings_names(NULL, &l);
	assert_int_equal(l.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_hold),
		cmocka_unit_test(rows_are_judged),
		cmocka_unit_test(health_is_understood),
		cmocka_unit_test(addresses_are_understood),
		cmocka_unit_test(copies_have_numbers),
		cmocka_unit_test(names_are_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
