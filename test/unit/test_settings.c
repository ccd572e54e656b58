/* trine.ini: what is read, what is refused and with which line, and that the
 * example and the manual say what the reader does. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/limits.h"
#include "trine/settings.h"
#include "trine/text.h"

static int parse(const char *text, struct settings *s, struct buf *faults,
		 struct error *err)
{
	return settings_parse(span_str(text), "f", s, faults, err);
}

static void defaults_hold(void **state)
{
	struct error err = ERROR_INIT;
	struct buf faults = BUF_INIT;
	struct settings s;

	(void)state;
	assert_int_equal(parse("# a = 1\n\n[computer]\n; b\n", &s, &faults,
			       &err), 0);
	assert_true(s.blank);
	settings_release(&s);
	assert_int_equal(parse("[sync]\nsettle = 1s\n", &s, &faults, &err), 0);
	assert_false(s.blank);
	settings_release(&s);
	assert_int_equal(parse("", &s, &faults, &err), 0);
	assert_true(s.blank);
	assert_int_equal(s.number, 0);
	assert_null(s.name);
	assert_null(s.url);
	assert_string_equal(s.branch, "main");
	assert_string_equal(s.prefix, "coordination");
	assert_int_equal(s.heartbeat, 1800);
	assert_int_equal(s.log_size, 64 << 20);
	assert_int_equal(s.fetch_size, LIMIT_FETCH);
	assert_int_equal(s.settle, 30);
	assert_int_equal(s.deadline, LIMIT_CYCLE);
	assert_int_equal(s.network, LIMIT_NETWORK);
	assert_int_equal(s.last_round, LIMIT_LAST_ROUND);
	assert_int_equal(s.instance_count, 0);
	assert_null(settings_instance(&s, "builder"));
	settings_release(&s);
	settings_release(&s);
	assert_int_equal(faults.len, 0);
}

static void all_keys_are_read(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf# a comment\r\n"
		"; another\r\n"
		"\r\n"
		"[computer]\r\n"
		"number = 12\r\n"
		"  # an indented comment\r\n"
		"name = Ärger & Co. #7\r\n"
		"[remote]\n"
		"  url = git@github.com:me/fleet.git\n"
		"branch: team/main\n"
		"prefix = docs/coordination\n"
		"[sync]\n"
		"heartbeat = 2h\n"
		"settle = 0\n"
		"deadline=100s\n"
		"[instance builder]\n"
		"specialty = code generation;\n"
		"  scaffolding = all\n"
		"\tand more\n"
		"[ instance   idle ]\n"
		"[sync]\n"
		"network = 20\n"
		"[instance builder]\n"
		"deliver = inbox\n"
		"capacity = 3\n"
		"[instance agent]\n"
		"deliver = exec\n"
		"exec = /opt/agent\n"
		"  -p\n"
		"  two words\n"
		"timeout = 90\n"
		"retries = 0\n"
		"idempotent = yes\n"
		"isolate = yes";
	struct error err = ERROR_INIT;
	struct buf faults = BUF_INIT;
	const struct instance_settings *i;
	struct settings s;

	(void)state;
	if (parse(text, &s, &faults, &err) == -1)
		fail_msg("%s", faults.data);
	assert_int_equal(s.number, 12);
	assert_string_equal(s.name, "Ärger & Co. #7");
	assert_string_equal(s.url, "git@github.com:me/fleet.git");
	assert_string_equal(s.branch, "team/main");
	assert_string_equal(s.prefix, "docs/coordination");
	assert_int_equal(s.heartbeat, 7200);
	assert_int_equal(s.settle, 0);
	assert_int_equal(s.deadline, 100);
	assert_int_equal(s.network, 20);
	assert_int_equal(s.last_round, 87);
	assert_int_equal(s.instance_count, 3);
	i = settings_instance(&s, "agent");
	assert_non_null(i);
	assert_int_equal(i->deliver, DELIVER_EXEC);
	assert_string_equal(i->exec, "/opt/agent\n-p\ntwo words");
	assert_int_equal(i->timeout, 90);
	assert_int_equal(i->retries, 0);
	assert_true(i->idempotent && i->isolate);
	i = settings_instance(&s, "builder");
	assert_non_null(i);
	assert_string_equal(i->specialty,
			    "code generation;\nscaffolding = all\nand more");
	assert_int_equal(i->deliver, DELIVER_INBOX);
	assert_int_equal(i->capacity, 3);
	i = settings_instance(&s, "idle");
	assert_non_null(i);
	assert_null(i->specialty);
	assert_int_equal(i->deliver, DELIVER_NONE);
	assert_int_equal(i->capacity, 1);
	assert_int_equal(i->timeout, 1800);
	assert_int_equal(i->retries, 10);
	assert_false(i->idempotent || i->isolate);
	settings_release(&s);
	buf_release(&faults);
}

#define X20 "xxxxxxxxxxxxxxxxxxxx"
#define X180 X20 X20 X20 X20 X20 X20 X20 X20 X20

/* One fault each: how its line must begin. NULL: none. */
static const struct {
	const char *text, *fault;
} rows[] = {
	{ "[computer]\nnumber = 999\n", NULL },
	{ "[computer]\nnumber = 0\n", "f:2: number: '0' is no number from 1 to 999" },
	{ "[computer]\nnumber = 1000\n", "f:2: number: " },
	{ "[computer]\nnumber = -1\n", "f:2: number: " },
	{ "[computer]\nnumber = 1 2\n", "f:2: number: " },
	{ "[computer]\nnumber =\n", "f:2: number: " },
	{ "[computer]\nnumber = 99999999999999999999\n", "f:2: number: " },
	{ "[computer]\nname = 7\n", "f:2: name: '7' means something else" },
	{ "[computer]\nname = all\n", "f:2: name: 'all' means" },
	{ "[computer]\nname = Human\n", "f:2: name: " },
	{ "[computer]\nname = -x\n", "f:2: name: starts with" },
	{ "[computer]\nname =\n", "f:2: name: has no value" },
	{ "[computer]\nname = a\xe2\x80\xae" "b\n", "f:2: name: has control" },
	{ "[computer]\nname = " X20 X20 X20 "xxxx\n", NULL },
	{ "[computer]\nname = " X20 X20 X20 "xxxxx\n", "f:2: name: has more" },
	{ "[radar]\ntake = claude/*\n", NULL },
	{ "[radar]\ntake = claude/* feature-? **/x\n", NULL },
	{ "[radar]\ntake =\n", "f:2: take: has no value" },
	{ "[radar]\ntake = a:b\n", "f:2: take: 'a:b' is no pattern" },
	{ "[radar]\ntake = ok -x\n", "f:2: take: '-x' is no pattern" },
	{ "[radar]\ntake = /x\n", "f:2: take: " },
	{ "[radar]\npush = trine/{n}\n", NULL },
	{ "[radar]\npush = fleet-{n}.x/out\n", NULL },
	{ "[radar]\npush = trine/1\n", "f:2: push: 'trine/1' must have {n}" },
	{ "[radar]\npush = {n}/{n}\n", "f:2: push: '{n}/{n}' must have {n}" },
	{ "[radar]\npush =\n", "f:2: push: '' must have {n}" },
	{ "[radar]\npush = a b/{n}\n", "f:2: push: 'a b/{n}' makes no name" },
	{ "[radar]\npush = {n}{m}\n", "f:2: push: '{n}{m}' makes no name" },
	{ "[radar]\npush = -{n}\n", "f:2: push: '-{n}' makes no name" },
	{ "[radar]\npush = trine/{n}\n[remote]\nbranch = trine/7\n",
	  "f:2: push: 'trine/{n}' and the fleet's branch, 'trine/7', cannot" },
	{ "[radar]\npush = trine/{n}\n[remote]\nbranch = trine\n",
	  "f:2: push: 'trine/{n}' and the fleet's branch, 'trine', cannot" },
	{ "[radar]\npush = main/{n}\n",
	  "f:2: push: 'main/{n}' and the fleet's branch, 'main', cannot" },
	{ "[radar]\npush = x{n}/y\n[remote]\nbranch = x1\n", "f:2: push: " },
	{ "[sync]\nheartbeat = 1m\n", NULL },
	{ "[sync]\nheartbeat = 59s\n",
	  "f:2: heartbeat: '59s' is no time from 1m to 7d" },
	{ "[log]\nsize = 64K\n", NULL },
	{ "[log]\nsize = 4G\n", NULL },
	{ "[log]\nsize = 63K\n",
	  "f:2: size: '63K' is no size from 64K to 4G (512K, 64M, 1G)" },
	{ "[log]\nsize = 5G\n", "f:2: size: " },
	{ "[log]\nsize = 64\n", "f:2: size: " },
	{ "[log]\nsize = M\n", "f:2: size: " },
	{ "[log]\nsize = 99999999999999999999G\n", "f:2: size: " },
	{ "[log]\nsize = \n", "f:2: size: " },
	{ "[sync]\nheartbeat = 7d\n", NULL },
	{ "[sync]\nheartbeat = 8d\n", "f:2: heartbeat: " },
	{ "[sync]\nheartbeat = 1 m\n", "f:2: heartbeat: " },
	{ "[sync]\nsettle = 1h\n", NULL },
	{ "[sync]\nsettle = 61m\n", "f:2: settle: '61m' is no time from 0s to 1h" },
	{ "[sync]\ndeadline = 10\n", NULL },
	{ "[sync]\ndeadline = 9\n", "f:2: deadline: " },
	{ "[sync]\ndeadline = 3601\n", "f:2: deadline: " },
	{ "[sync]\nnetwork = 0\n", "f:2: network: " },
	{ "[sync]\ndeadline = 1h\nnetwork = 601\n", "f:3: network: " },
	{ "[sync]\ndeadline = 30\nnetwork = 31\n",
	  "f:3: network is longer than deadline" },
	{ "[sync]\ndeadline = 30\nlast_round = 31\n",
	  "f:3: last_round is longer than deadline" },
	{ "[sync]\ndeadline = 30\nlast_round = 30\n", NULL },
	{ "[remote]\nbranch = a/b.c-d_e\n", NULL },
	{ "[remote]\nbranch = -x\n", "f:2: branch: '-x' is no name" },
	{ "[remote]\nbranch = a..b\n", "f:2: branch: " },
	{ "[remote]\nbranch = a//b\n", "f:2: branch: " },
	{ "[remote]\nbranch = /a\n", "f:2: branch: " },
	{ "[remote]\nbranch = a/\n", "f:2: branch: " },
	{ "[remote]\nbranch = .a\n", "f:2: branch: " },
	{ "[remote]\nbranch = a.lock\n", "f:2: branch: " },
	{ "[remote]\nbranch = a.\n", "f:2: branch: " },
	{ "[remote]\nbranch = a b\n", "f:2: branch: " },
	{ "[remote]\nbranch = a~1\n", "f:2: branch: " },
	{ "[remote]\nbranch = HEAD@{1}\n", "f:2: branch: " },
	{ "[remote]\nprefix = a/b/c\n", NULL },
	{ "[remote]\nprefix = /a\n", "f:2: prefix: '/a' is no folder" },
	{ "[remote]\nprefix = a/../b\n", "f:2: prefix: " },
	{ "[remote]\nprefix = .git\n", "f:2: prefix: " },
	{ "[remote]\nprefix = a/\n", "f:2: prefix: " },
	{ "[remote]\nprefix = a/b/c/d/e/f/g\n", "f:2: prefix: " },
	{ "[remote]\nurl = ext::sh -c x\n", "f:2: url: ext::sh" },
	{ "[instance a]\ndeliver = inbox\n", NULL },
	{ "[instance a]\ndeliver = mail\n",
	  "f:2: deliver: 'mail' is not available; there are: inbox, http, exec" },
	{ "[instance a]\ndeliver = http\n",
	  "f:2: deliver: http wants a url in [instance a]" },
	{ "[instance a]\ndeliver = http\nurl = http://localhost:1/x?y\n", NULL },
	{ "[instance a]\ndeliver = http\nurl = ftp://x\n", "f:3: url: 'ftp://x' is no" },
	{ "[instance a]\nurl = http://\n", "f:2: url: 'http://' names no host" },
	{ "[instance a]\nurl = http://a b\n", "f:2: url: 'http://a b' names no" },
	{ "[instance a]\nurl = https://me:pw@host/\n", "f:2: url: a user or" },
	{ "[instance a]\nurl = https://host/@me\n", NULL },
	{ "[instance a]\ndeliver = exec\n",
	  "f:2: deliver: exec wants a program, exec = /path/of/it, in [instance a]" },
	{ "[instance a]\ndeliver = exec\nexec = /bin/cat\n  -n\n", NULL },
	{ "[instance a]\ndeliver = exec\nexec = cat\n  ./x\n", NULL },
	{ "[instance a]\ndeliver = exec\nexec = ./cat\n",
	  "f:3: exec: './cat' is neither a full path nor a plain name" },
	{ "[instance a]\ntimeout = 0\n", "f:2: timeout: '0' is no time from 1s to" },
	{ "[instance a]\nretries = 1001\n", "f:2: retries: '1001' is no number" },
	{ "[instance a]\nidempotent = true\n",
	  "f:2: idempotent: 'true' is neither yes nor no" },
	{ "[instance a]\nisolate = yes\nidempotent = no\n", NULL },
	{ "[instance a]\nmood = fine\n",
	  "f:2: [instance] has no key 'mood'; there are: specialty deliver url "
	  "exec capacity queue timeout retries idempotent isolate" },
	{ "[instance a]\ncapacity = 0\n", "f:2: capacity: " },
	{ "[instance]\n", "f:1: no section is called [instance]; there are" },
	{ "[instance ]\n", "f:1: no section is called" },
	{ "[instance .x]\n", "f:1: an instance's name" },
	{ "[instance a b]\n", "f:1: an instance's name" },
	{ "[instance a/b]\n", "f:1: an instance's name" },
	{ "[nosuch]\nkey = 1\n", "f:1: no section is called [nosuch]; there are: "
	  "[computer] [remote] [sync] [radar] [log] [daemon] [hub] [realtime] [alert] "
	  "[instance NAME]" },
	{ "[Sync]\n", "f:1: no section" },
	{ "[]\n", "f:1: no section is called []" },
	{ "[sync\n", "f:1: a section is one line" },
	{ "[sync] # x\n", "f:1: a section is one line" },
	{ "[sync] ; x]\n", "f:1: a section is one line" },
	{ "[\n", "f:1: a section is one line" },
	{ "[sync]\nnosuch = 1\n", "f:2: [sync] has no key 'nosuch'" },
	{ "[sync]\n= 1\n", "f:2: [sync] has no key ''" },
	{ "[sync]\nsettle\n", "f:2: neither [section] nor key = value" },
	{ "key = 1\n[sync]\n", "f:1: 'key' stands before the first [section]" },
	{ "[sync]\nsettle = 1\nsettle = 2\n", "f:3: settle is set already, on line 2" },
	{ "[sync]\nsettle = 1\n[remote]\n[sync]\nsettle = 1\n",
	  "f:5: settle is set already, on line 2" },
	{ "[instance a]\ncapacity = 1\n[instance b]\ncapacity = 1\n", NULL },
	{ "[instance a]\ncapacity = 1\n[instance a]\ncapacity = 1\n",
	  "f:4: capacity is set already, on line 2" },
	{ "[sync]\nsettle = 1 ; one\n", "f:2: a comment stands on a line of its own" },
	{ "[computer]\nname = a ; b\n", "f:2: a comment stands" },
	{ "[computer]\nname = ;b\n", "f:2: a comment stands" },
	{ "[computer]\nname = a;b\n", NULL },
	{ "[instance a]\nspecialty = a\n  b ; c\n", "f:3: a comment stands" },
	{ "[sync]\nsettle = 1\n  2\n", "f:3: settle takes one line" },
	{ "[sync]\nsettle = 1\n  settle = 2\n", "f:3: settle takes one line" },
	{ "[sync]\nsettle = x\n  2\n", "f:2: settle: " },
	{ "[sync]\nnosuch = 1\n  2\n", "f:2: [sync] has no key" },
	{ "[sync]\nsettle = 1\nnosuch ; x\n  2\n", "f:3: a comment" },
	{ "[sync]\nsettle = 1\n\x01\n", "f:3: control bytes" },
	{ "[sync]\nsettle = 1\r2\n", "f:2: control bytes" },
	{ "[computer]\nname = a\xff\n", "f:2: not UTF-8" },
	{ "[computer\xff]\nname = a\n", "f:1: not UTF-8" },
	{ "# \x1b[31m\n", "f:1: control bytes" },
	{ "[instance x" X20 X20 "]\n", "f:1: a section's name has at most" },
	{ "[instance " X20 X20 "]\n", NULL },
	{ "# " X180 "xxxxxxxxxxxxxx\r\n", NULL },
	{ "# " X180 "xxxxxxxxxxxxxxx\r\n", "f:1: a line has at most 196 bytes" },
	{ "[remote]\nurl = /" X180 "xxxxxxxxx", NULL },
	{ "[remote]\nurl = /" X180 "xxxxxxxxxx", "f:2: a line has" },
	{ "[instance a]\nspecialty = x\n  [remote]\n", NULL },
};

static void rows_are_judged(void **state)
{
	struct error err = ERROR_INIT;
	struct settings s;
	const char *newline;
	int rc;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf faults = BUF_INIT;

		error_clear(&err);
		rc = parse(rows[i].text, &s, &faults, &err);
		if (rc != (rows[i].fault != NULL ? -1 : 0) ||
		    (rc == -1 && strncmp(faults.data, rows[i].fault,
					 strlen(rows[i].fault)) != 0))
			fail_msg("%s: %s", rows[i].text, faults.data);
		if (rc == -1) {
			newline = strchr(faults.data, '\n');
			assert_true(newline == faults.data + faults.len - 1);
			assert_int_equal(err.code, ERR_CONFIG);
			assert_memory_equal(err.text, rows[i].fault,
					    strlen(rows[i].fault));
		}
		settings_release(&s);
		buf_release(&faults);
	}
}

static void faults_come_all_at_once(void **state)
{
	static const char text[] =
		"x = 1\n"
		"[computer]\n"
		"number = none\n"
		"nosuch = 1\n"
		"[nosuch]\n"
		"whatever = 1\n"
		"[instance \x1b]\n"
		"[instance a]\n"
		"deliver = \xf0\x9f\x99\x82\n"
		"loose\n";
	static const char *const lines[] = {
		"f:1: ", "f:3: ", "f:4: ", "f:5: ", "f:7: ", "f:9: ", "f:10: ",
	};
	struct error err = ERROR_INIT;
	struct buf faults = BUF_INIT;
	struct settings s;
	struct span line;
	size_t pos = 0;

	(void)state;
	buf_adds(&faults, "before\n");
	assert_int_equal(parse(text, &s, &faults, &err), -1);
	assert_memory_equal(err.text, "f:1: ", 5);
	assert_non_null(strstr(err.text, "(and 6 more)"));
	assert_true(text_line(span_of(&faults), &pos, &line));
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_true(text_line(span_of(&faults), &pos, &line));
		assert_true(text_starts(line, lines[i]));
	}
	assert_int_equal(pos, faults.len);
	settings_release(&s);
	buf_release(&faults);
}

/* Bytes of all kinds at every place: an answer, and no harm. */
static void any_byte_is_answered(void **state)
{
	static const char text[] =
		"[computer]\nnumber = 1\nname = x\n[remote]\nurl = a:b\n"
		"[instance a]\nspecialty = x\n  y\n# c\ncapacity = 2\n";
	static const char bytes[] = "\0\n\r\t []=:;#\xff\x80\xc3x";
	struct error err = ERROR_INIT;
	struct settings s;
	char bad[sizeof(text)];

	(void)state;
	for (size_t at = 0; at < sizeof(text) - 1; at++)
		for (size_t b = 0; b < sizeof(bytes) - 1; b++) {
			struct buf faults = BUF_INIT;
			struct span span = { bad, sizeof(text) - 1 };

			memcpy(bad, text, sizeof(text));
			bad[at] = bytes[b];
			if (settings_parse(span, "f", &s, &faults, &err) == -1)
				assert_true(faults.len > 0);
			else
				assert_int_equal(faults.len, 0);
			settings_release(&s);
			buf_reset(&faults);
			/* Cut there. */
			span.len = at;
			settings_parse(span, "f", &s, &faults, &err);
			settings_release(&s);
			buf_release(&faults);
		}
}

static void size_is_bounded(void **state)
{
	struct error err = ERROR_INIT;
	struct buf text = BUF_INIT, faults = BUF_INIT;
	struct settings s;

	(void)state;
	while (text.len <= LIMIT_INI_FILE - 11)
		buf_adds(&text, "[instance]\n");
	assert_int_equal(settings_parse(span_of(&text), "f", &s, &faults, &err),
			 -1);
	settings_release(&s);
	buf_reset(&faults);
	buf_adds(&text, "[instance]\n");
	assert_int_equal(settings_parse(span_of(&text), "f", &s, &faults, &err),
			 -1);
	assert_non_null(strstr(faults.data, "at most 65536"));
	settings_release(&s);
	buf_release(&text);
	buf_release(&faults);
}

static void urls_are_checked(void **state)
{
	static const struct {
		const char *url;
		int rc;
	} urls[] = {
		{ "https://github.com/me/fleet.git", 0 },
		{ "https://user@example.org:8443/fleet", 0 },
		{ "ssh://git@example.org/fleet.git", 0 },
		{ "ssh://git@[fe80::1]:2222/fleet.git", 0 },
		{ "git://example.org/fleet", 0 },
		{ "file:///srv/fleet.git", 0 },
		{ "git@github.com:me/fleet.git", 0 },
		{ "host:fleet.git", 0 },
		{ "git@[fe80::1]:fleet.git", 0 },
		{ "/srv/my fleet.git", 0 },
		{ "./fleet.git", 0 },
		{ "../fleet.git", 0 },
		{ "fleet.git", 0 },
		{ "dir/with:colon", 0 },
		{ "", -1 },
		{ "-oProxyCommand=x", -1 },
		{ "--upload-pack=x", -1 },
		{ "ext::sh -c whoami", -1 },
		{ "fd::3", -1 },
		{ "http://example.org/fleet", -1 },
		{ "ftp://example.org/fleet", -1 },
		{ "HTTPS://example.org/fleet", -1 },
		{ "git+ssh://example.org/fleet", -1 },
		{ "://example.org/fleet", -1 },
		{ "https://", -1 },
		{ "https://me:secret@example.org/fleet", -1 },
		{ "ssh://me:secret@example.org/fleet", -1 },
		{ "https:///fleet", -1 },
		{ "https://example.org", -1 },
		{ "https://example.org/", -1 },
		{ "https://exa mple.org/fleet", -1 },
		{ "https://-x/fleet", -1 },
		{ "https://@example.org/fleet", -1 },
		{ "ssh://-oProxyCommand=x/fleet", -1 },
		{ "ssh://-x@example.org/fleet", -1 },
		{ "ssh://git@-x/fleet", -1 },
		{ "ssh://example.org:0/fleet", -1 },
		{ "ssh://example.org:99999/fleet", -1 },
		{ "ssh://example.org:/fleet", -1 },
		{ "ssh://[fe80::1/fleet", -1 },
		{ "file://host/fleet", -1 },
		{ "file://", -1 },
		{ "file:///", -1 },
		{ "git@host:", -1 },
		{ "git@host:-x", -1 },
		{ "git@-host:x", -1 },
		{ "-git@host:x", -1 },
		{ "@host:x", -1 },
		{ ":x", -1 },
		{ "$(x):y", -1 },
		{ "~/fleet.git", -1 },
		{ "https://example.org/a\nb", -1 },
		{ "/srv/\x1b[31m", -1 },
		{ "/srv/\x7f", -1 },
		{ "/srv/\xff", -1 },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		error_clear(&err);
		if (settings_check_url(urls[i].url, &err) != urls[i].rc)
			fail_msg("%s: %s", urls[i].url, err.text);
		assert_int_equal(err.code, urls[i].rc ? ERR_CONFIG : ERR_NONE);
		assert_null(strchr(err.text, '\n'));
		assert_null(strchr(err.text, '\x1b'));
	}
}

/* The example is without fault as it is, and with every key in force. */
static void example_can_be_used(void **state)
{
	struct buf text = BUF_INIT, active = BUF_INIT, faults = BUF_INIT;
	struct error err = ERROR_INIT;
	struct settings s, plain;
	struct span line;
	size_t pos = 0;

	(void)state;
	settings_write_example(&text);
	if (settings_parse(span_of(&text), "f", &s, &faults, &err) == -1)
		fail_msg("%s", faults.data);
	assert_int_equal(s.instance_count, 0);
	while (text_line(span_of(&text), &pos, &line)) {
		assert_true(line.len <= 80);
		if (line.len > 1 && line.p[0] == '#' && line.p[1] != ' ') {
			line.p++;
			line.len--;
		}
		buf_add(&active, line.p, line.len);
		buf_addc(&active, '\n');
	}
	if (settings_parse(span_of(&active), "f", &plain, &faults, &err) == -1)
		fail_msg("%s", faults.data);
	assert_int_equal(plain.heartbeat, s.heartbeat);
	assert_int_equal(plain.last_round, s.last_round);
	assert_string_equal(plain.branch, s.branch);
	assert_int_equal(plain.number, 1);
	assert_non_null(plain.url);
	assert_int_equal(plain.instance_count, 1);
	assert_int_equal(plain.instance[0].deliver, DELIVER_INBOX);
	settings_release(&s);
	settings_release(&plain);
	buf_release(&text);
	buf_release(&active);
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

enum { SETTINGS_KEYS_DOCUMENTED = 48 };

static void manual_has_every_key(void **state)
{
	static const char *const keys[] = {
		"number", "name", "branch", "prefix", "fetch", "transport", "key",
		"passphrase_file", "token_file", "ca_file", "heartbeat",
		"settle", "deadline", "network", "last_round", "take",
		"push", "size", "specialty", "deliver", "exec", "capacity", "timeout",
		"retries", "idempotent", "isolate", "period", "keep", "connect",
		"run", "to", "start", "stop", "copies", "slow", "startup",
		"weight", "prefer",
	};
	struct buf manual = BUF_INIT, example = BUF_INIT;
	char text[64];

	(void)state;
	settings_write_manual(&manual);
	settings_write_example(&example);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		snprintf(text, sizeof(text), ".It Ic %s No = ", keys[i]);
		assert_int_equal(count(manual.data, text), 1);
		snprintf(text, sizeof(text), "\n#%s = ", keys[i]);
		assert_int_equal(count(example.data, text), 1);
	}
	/* of the remote, and of an instance; of the daemon, and of one */
	assert_int_equal(count(manual.data, ".It Ic url No = "), 2);
	assert_int_equal(count(manual.data, ".It Ic health No = "), 2);
	assert_int_equal(count(example.data, "\n#url = "), 2);
	/* of the daemon, the hub and real time */
	assert_int_equal(count(manual.data, ".It Ic listen No = "), 3);
	assert_int_equal(count(manual.data, ".It "), SETTINGS_KEYS_DOCUMENTED);
	assert_int_equal(count(manual.data, ".Bl "), count(manual.data, ".El\n"));
	buf_release(&manual);
	buf_release(&example);
}

static void sockets_are_read(void **state)
{
	static const char *const bad[] = {
		"", "ws://", "http://a", "ws://:9", "ws://a:0", "ws://a:65536",
		"ws://a:9x", "ws://a/b", "ws://-a", "ws://[::1", "ws://a b",
		"ws://u@a", "ws://a\n",
	};
	struct socket_url url;

	(void)state;
	assert_true(settings_socket("ws://hub.example.org", &url));
	assert_false(url.tls);
	assert_string_equal(url.host, "hub.example.org");
	assert_int_equal(url.port, 9999);
	assert_true(settings_socket("wss://[::1]:99/", &url));
	assert_true(url.tls);
	assert_string_equal(url.host, "[::1]");
	assert_int_equal(url.port, 99);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(settings_socket(bad[i], &url));
}

static void test_takes(void **state)
{
	static const struct { const char *branch; bool taken; } branches[] = {
		{ "claude/x", true }, { "claude/x/y", false },
		{ "claude", false }, { "xclaude/x", false },
		{ "fix-1", true }, { "fix-12", false }, { "a/b/wip", true },
		{ "main", false },
	};
	struct error err = ERROR_INIT;
	struct buf faults = BUF_INIT;
	struct settings s;

	(void)state;
	assert_int_equal(parse("[radar]\ntake = claude/*\tfix-?  **/wip\n", &s,
			       &faults, &err), 0);
	for (size_t i = 0; i < sizeof(branches) / sizeof(*branches); i++)
		assert_int_equal(settings_takes(&s, branches[i].branch),
				 branches[i].taken);
	settings_release(&s);
	assert_int_equal(parse("", &s, &faults, &err), 0);
	assert_false(settings_takes(&s, "claude/x"));
	settings_release(&s);
	buf_release(&faults);
}

static void branches_have_owners(void **state)
{
	static const struct { const char *push, *branch; int owner; } named[] = {
		{ NULL, "trine/1", 1 }, { NULL, "trine/999", 999 },
		{ NULL, "trine/1000", 0 }, { NULL, "trine/0", 0 },
		{ NULL, "trine/01", 0 }, { NULL, "trine/", 0 },
		{ NULL, "trine/1/x", 0 }, { NULL, "xtrine/1", 0 },
		{ NULL, "team-2-out", 0 }, { "team-{n}-out", "team-2-out", 2 },
		{ "team-{n}-out", "team--out", 0 },
		{ "team-{n}-out", "team-out", 0 },
		{ "team-{n}-out", "trine/3", 3 },
	};
	char own[BRANCH_NAME];

	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++) {
		struct settings s = { .push = (char *)(uintptr_t)named[i].push };

		assert_int_equal(settings_branch_owner(&s, named[i].branch),
				 named[i].owner);
		if (named[i].owner == 0)
			continue;
		settings_own_branch(&s, named[i].owner, own);
		if (strncmp(named[i].branch, "trine/", 6) != 0 ||
		    named[i].push == NULL)
			assert_string_equal(own, named[i].branch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_hold),
		cmocka_unit_test(all_keys_are_read),
		cmocka_unit_test(rows_are_judged),
		cmocka_unit_test(faults_come_all_at_once),
		cmocka_unit_test(any_byte_is_answered),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(urls_are_checked),
		cmocka_unit_test(example_can_be_used),
		cmocka_unit_test(manual_has_every_key),
		cmocka_unit_test(sockets_are_read),
		cmocka_unit_test(test_takes),
		cmocka_unit_test(branches_have_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
