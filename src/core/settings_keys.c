/* The keys of trine.ini and their values (settings_keys.h). */
#include "settings_keys.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "duration.h"
#include "size.h"
#include "trine/limits.h"
#include "trine/mem.h"
#include "trine/names.h"
#include "trine/text.h"

#define PLAIN(field) offsetof(struct settings, field)
#define EACH(field) offsetof(struct instance_settings, field)

const struct settings_key settings_keys[SETTINGS_KEYS] = {
	{ "computer", "number", VALUE_NUMBER, PLAIN(number),
	  1, LIMIT_COMPUTERS, NULL, "1",
	  "The number of this computer in the fleet. No two computers may have "
	  "the same." },
	{ "computer", "name", VALUE_NAME, PLAIN(name), 0, 0, NULL, "Mechanic",
	  "What people call this computer; shown in its status." },
	{ "computer", "queue", VALUE_NUMBER, PLAIN(queue), 1, 1000000, "1000",
	  NULL,
	  "How many tasks may wait. Beyond that `trine task add` refuses those of low "
	  "and normal priority, from twice as many on those of high; urgent ones "
	  "always enter, and so does what other computers send, which nobody "
	  "drops: `trine status` shows a queue that is too long." },
	{ "remote", "url", VALUE_URL, PLAIN(url), 0, 0, NULL,
	  "git@github.com:me/fleet.git",
	  "The repository of the fleet: https://, ssh://, user@host:path, git://, "
	  "file:/// or a path. A relative path counts from the directory of this "
	  "computer, the one that holds .trine." },
	{ "remote", "branch", VALUE_BRANCH, PLAIN(branch), 0, 0, "main", NULL,
	  "The branch that all computers of the fleet share." },
	{ "remote", "prefix", VALUE_PATH, PLAIN(prefix), 0, 0, "coordination",
	  NULL,
	  "The folder of the repository that trine keeps; nothing outside it is "
	  "touched. The same on all computers." },
	{ "remote", "fetch", VALUE_SIZE, PLAIN(fetch_size), 1024 * 1024,
	  (int64_t)256 * 1024 * 1024 * 1024, "1G", NULL,
	  "The most that one fetch over the network may bring. What is pushed anywhere "
	  "in the repository comes with it, and a remote that sends more may mean to "
	  "fill the disk: then nothing is fetched before the branch has moved, once an "
	  "hour at most, or this is set to more. All of it must come within `network` of "
	  "[sync]. On a local path, and with `transport = git`, there is no such bound." },
	{ "remote", "transport", VALUE_TRANSPORT, PLAIN(by_git), 0, 0, "libgit2",
	  NULL,
	  "git: the remote is reached through the git that is installed, with "
	  "~/.ssh/config, credential helpers, proxies and what else is set up for "
	  "it; the four keys below are not looked at then. It takes about twice as "
	  "long." },
	{ "remote", "key", VALUE_FILE, PLAIN(key), 0, 0, NULL,
	  "/home/me/.ssh/fleet",
	  "ssh: the private key to use, and no other. Without it: those of "
	  "ssh-agent, then ~/.ssh/id_ed25519 and ~/.ssh/id_ecdsa." },
	{ "remote", "passphrase_file", VALUE_FILE, PLAIN(passphrase_file), 0, 0,
	  NULL, "/home/me/.ssh/fleet.pass",
	  "ssh: a file of mode 600 whose first line is the passphrase of that "
	  "key." },
	{ "remote", "token_file", VALUE_FILE, PLAIN(token_file), 0, 0, NULL,
	  "/home/me/.fleet-token",
	  "https: a file of mode 600 whose first line is the token or password, "
	  "for the user that the url names. Without it: the environment's "
	  "TRINE_TOKEN, then what git credential has; nobody is asked." },
	{ "remote", "ca_file", VALUE_FILE, PLAIN(ca_file), 0, 0, NULL,
	  "/etc/ssl/fleet-ca.pem",
	  "https: certificates of authorities (PEM) to be trusted instead of the "
	  "system's." },
	{ "sync", "heartbeat", VALUE_DURATION, PLAIN(heartbeat),
	  60, 7 * 86400, "30m", NULL,
	  "How old the published status may grow when nothing else changes. The "
	  "others take this computer for offline after twice that time and five "
	  "minutes." },
	{ "sync", "settle", VALUE_DURATION, PLAIN(settle), 0, 3600, "30s", NULL,
	  "How long text typed into a stream must have been left alone before it "
	  "is sent; and a list of people's, or the rules of the fleet, if it is "
	  "empty or ends within a line." },
	{ "sync", "deadline", VALUE_DURATION, PLAIN(deadline),
	  10, 3600, "240s", NULL,
	  "How long a whole cycle may take before it ends itself." },
	{ "sync", "network", VALUE_DURATION, PLAIN(network), 1, 600, "60s", NULL,
	  "How long one call of the network may take; never longer than "
	  "deadline." },
	{ "sync", "last_round", VALUE_DURATION, PLAIN(last_round),
	  1, 3600, "210s", NULL,
	  "After this time into a cycle no new attempt to push begins, and the "
	  "repository is packed no longer; never later than deadline, and seven "
	  "eighths of it where deadline is shorter than the default." },
	{ "radar", "take", VALUE_GLOBS, PLAIN(take), 0, 0, NULL, "claude/*",
	  "Other branches that are read like the fleet's: messages to this "
	  "computer that somebody pushed there are taken in, each once, also "
	  "when the branch is merged later. Patterns with blanks between them; * "
	  "and ? match within one part of a name, ** over several. `trine "
	  "status` shows what the other branches hold for this computer." },
	{ "radar", "push", VALUE_OWN_BRANCH, PLAIN(push), 0, 0, NULL,
	  "trine/{n}",
	  "Where the fleet's branch is protected: push to a branch of this "
	  "computer's own instead, {n} being its number. The others read a "
	  "branch called trine/ and a number by themselves, and one of another "
	  "name where they have the same `push` or a `take` that names it. See "
	  "trine-files(5), \"A branch of its own\"." },
	{ "log", "size", VALUE_SIZE, PLAIN(log_size), 64 * 1024,
	  (int64_t)4 * 1024 * 1024 * 1024, "64M", NULL,
	  "How large event-log.jsonl may grow before the next `trine sync` closes "
	  "it as a part in log/ and goes on in a new one. All parts are kept: see "
	  "trine-files(5)." },
	{ "daemon", "listen", VALUE_LISTEN, PLAIN(listen), 0, 0, "127.0.0.1:8900",
	  NULL,
	  "Where trined(8) answers programs and browsers of this computer: an "
	  "address and a port, 0 for any that is free (run/ports.json says which it "
	  "is), or off." },
	{ "daemon", "names", VALUE_HOSTS, PLAIN(names), 0, 0, NULL,
	  "trine.example.org",
	  "What a browser may call this computer there, beside its addresses and "
	  "localhost: with commas between them, where something in front of it has "
	  "such a name. By any other one it answers nobody." },
	{ "daemon", "period", VALUE_DURATION, PLAIN(period), 10, 86400, "5m", NULL,
	  "How often trined(8) syncs, in place of a timer. It does so at once when "
	  "an urgent message is sent." },
	{ "daemon", "health", VALUE_DURATION, PLAIN(health_period), 1, 3600, "30s",
	  NULL,
	  "How often the daemon asks each instance how it is." },
	{ "daemon", "keep", VALUE_BOOL, PLAIN(keep), 0, 0, "no", NULL,
	  "yes: the instances that the daemon has started go on when it ends, and the "
	  "next one takes them over. no: they end with it." },
	{ "hub", "listen", VALUE_LISTEN, PLAIN(hub_listen), 0, 0, "off", NULL,
	  "Where trined(8) takes messages for the fleet from scripts that know only "
	  "HTTP, and tells them what is for their computer: an address and a port "
	  "(8900 and 9999 are others'; 8888 is usual), or off." },
	{ "realtime", "listen", VALUE_LISTEN, PLAIN(realtime_listen), 0, 0, "off", NULL,
	  "Where trined(8) lets the daemons of the other computers in, and carries "
	  "messages between them at once: an address and a port (9999 is usual), or "
	  "off. One computer of the fleet does so." },
	{ "realtime", "connect", VALUE_SOCKET, PLAIN(realtime_connect), 0, 0, NULL,
	  "ws://hub.example.org:9999",
	  "Where that is, for the other computers; wss:// where something in front of "
	  "it has TLS. Without it, or while nobody answers there, messages go by git "
	  "alone, and nothing is lost." },
	{ "alert", "run", VALUE_PROGRAM, PLAIN(alert_run), 0, 0, NULL,
	  "/usr/local/bin/page-me",
	  "The program that is run for each alert, of this computer or another one, and "
	  "its arguments in indented lines; no shell comes between. It finds the alert "
	  "as JSON on its standard input, and its id in TRINE_ALERT. It may take a "
	  "minute. Where it does not end with 0, or is cut off, later cycles run it "
	  "twice more." },
	{ "alert", "to", VALUE_LINES, PLAIN(alert_to), 0, 0, NULL,
	  "builder",
	  "The instances that get each alert as an urgent task: their names, with "
	  "commas between them." },
	{ SECTION_INSTANCE, "specialty", VALUE_LINES, EACH(specialty), 0, 0,
	  NULL, "code generation, project scaffolding",
	  "What this instance is good at, in words: tasks that name nobody and have "
	  "some of them go to it. `trine route` shows how." },
	{ SECTION_INSTANCE, "deliver", VALUE_DELIVER, EACH(deliver), 0, 0,
	  NULL, "inbox",
	  "How tasks are handed over: inbox writes each as a file into the "
	  "folder inbox/NAME/new below .trine; http posts it to url; exec runs a "
	  "program with it. Without this key they wait, and `trine inbox NAME` "
	  "lists them. Messages that name this instance with `for:` are handed "
	  "over in the same way. See trine-files(5), \"What an instance gets\"." },
	{ SECTION_INSTANCE, "url", VALUE_SERVICE, EACH(url), 0, 0, NULL,
	  "http://localhost:8004/api/build",
	  "http: where each task is posted, as JSON. An answer of 200 takes it; "
	  "202 says that the service works on it; one in JSON with `state` and "
	  "`result` ends it." },
	{ SECTION_INSTANCE, "exec", VALUE_PROGRAM, EACH(exec), 0, 0, NULL,
	  "/usr/local/bin/agent",
	  "exec: the program, and its arguments in indented lines, one in each; no "
	  "shell comes between. It finds the task as JSON on its standard input. "
	  "When it ends with 0, what it wrote is the result; with 75 it asks to be "
	  "run again later; with anything else it has failed." },
	{ SECTION_INSTANCE, "capacity", VALUE_NUMBER, EACH(capacity), 1, 1000,
	  "1", NULL,
	  "How many tasks this instance, or a session of its name, works on at once; "
	  "each of its copies, where there are several. An inbox gets all that there "
	  "is for it, but where this key is set: then no more than that, until `trine "
	  "task done` says of one that it has ended." },
	{ SECTION_INSTANCE, "queue", VALUE_NUMBER, EACH(queue), 1, 1000000,
	  "1000", NULL,
	  "How many tasks may wait for this instance; as `queue` of [computer]. What "
	  "others send beyond that goes to another one of its specialty, or waits "
	  "for room." },
	{ SECTION_INSTANCE, "timeout", VALUE_DURATION, EACH(timeout),
	  1, 7 * 86400, "30m", NULL,
	  "http, exec: how long one task may take. A program is ended then, with "
	  "all that it started." },
	{ SECTION_INSTANCE, "retries", VALUE_NUMBER, EACH(retries), 0, 1000,
	  "10", NULL,
	  "http, exec: how often a task that was not taken, or is to be tried "
	  "later, is handed over again before it has failed: after 2 s, 4 s, 8 s and "
	  "so on, at most 10 minutes." },
	{ SECTION_INSTANCE, "idempotent", VALUE_BOOL, EACH(idempotent), 0, 0,
	  "no", NULL,
	  "yes: doing a task twice does no harm. Where it is not known whether one "
	  "was done (a power cut in the middle of it), it is handed over again; "
	  "else it is BLOCKED, in doubt, until a person decides." },
	{ SECTION_INSTANCE, "isolate", VALUE_BOOL, EACH(isolate), 0, 0,
	  "no", NULL,
	  "yes: the program runs under bubblewrap (bwrap), where it sees its own "
	  "workspace and inbox and nothing else of .trine, and may write there and "
	  "to an empty /tmp only. ~/.ssh, ~/.netrc, what git credential has stored "
	  "and the files that [remote] names are hidden from it, and its HOME is "
	  "the workspace. Where bwrap cannot run, its tasks wait." },
	{ SECTION_INSTANCE, "start", VALUE_PROGRAM, EACH(start), 0, 0, NULL,
	  "/opt/builder/start",
	  "The program that the instance is, and its arguments in indented lines; no "
	  "shell comes between. The daemon starts it, and again when it ends: so it "
	  "stays in the foreground. It runs in the instance's folder below "
	  ".trine/work, finds TRINE_DIR, TRINE_INSTANCE and TRINE_COPY in its "
	  "environment, and what it prints goes to .trine/run/logs. Here, in `stop`, "
	  "`health` and `url`, {copy} stands for the number of the copy." },
	{ SECTION_INSTANCE, "stop", VALUE_PROGRAM, EACH(stop), 0, 0, NULL,
	  "/opt/builder/stop",
	  "The program that ends it, and its arguments in indented lines. Without it: "
	  "SIGTERM to all that `start` has started, and SIGKILL five seconds later, "
	  "which comes in either case." },
	{ SECTION_INSTANCE, "copies", VALUE_NUMBER, EACH(copies), 1, 99, "1", NULL,
	  "How many that are alike the daemon starts." },
	{ SECTION_INSTANCE, "health", VALUE_HEALTH, EACH(health), 0, 0, NULL,
	  "http://localhost:8004/health",
	  "How the daemon sees that it is well: http://..., which answers with 200 to "
	  "399; exec PROGRAM, which ends with 0 (words behind it are its arguments, "
	  "and so is each indented line); file PATH SECONDS, which is not older than "
	  "that (a path without / in front is in the instance's folder below "
	  ".trine/work); or process, which is there: so it is without this key. What "
	  "has not answered in 10 seconds is ill then; after three times it is "
	  "started again." },
	{ SECTION_INSTANCE, "slow", VALUE_DURATION, EACH(slow), 1, 10, "2s", NULL,
	  "One that is well, but took longer than this to say so, is DEGRADED." },
	{ SECTION_INSTANCE, "startup", VALUE_DURATION, EACH(startup), 1, 3600, "1m",
	  NULL,
	  "How long it may take from its start to when it is well for the first "
	  "time." },
	{ SECTION_INSTANCE, "weight", VALUE_NUMBER, EACH(weight), 1, 100, "1", NULL,
	  "Of the tasks that several can do alike, it gets that many shares." },
	{ SECTION_INSTANCE, "prefer", VALUE_PREFER, EACH(prefer), 0, 0, NULL,
	  "quality",
	  "What it is the better one for: speed or quality. Tasks may ask for either." },
};

const char *settings_section(struct span name)
{
	for (size_t i = 0; i < SETTINGS_KEYS; i++)
		if (strcmp(settings_keys[i].section, SECTION_INSTANCE) != 0 &&
		    span_is(name, settings_keys[i].section))
			return settings_keys[i].section;
	return NULL;
}

const struct settings_key *settings_find(const char *section, const char *name)
{
	for (size_t i = 0; i < SETTINGS_KEYS; i++)
		if (strcmp(settings_keys[i].section, section) == 0 &&
		    strcmp(settings_keys[i].name, name) == 0)
			return &settings_keys[i];
	return NULL;
}

/* ---- one function for each type of value: false, and why not ---- */

static bool set_number(const struct settings_key *key, const char *value,
		       void *field, struct buf *why)
{
	uint64_t n;

	if (!text_number(span_str(value), &n) || n < (uint64_t)key->min ||
	    n > (uint64_t)key->max) {
		buf_printf(why, "'%s' is no number from %lld to %lld", value,
			   (long long)key->min, (long long)key->max);
		return false;
	}
	*(int64_t *)field = (int64_t)n;
	return true;
}

static bool set_duration(const struct settings_key *key, const char *value,
			 void *field, struct buf *why)
{
	int64_t seconds;

	if (duration_parse(span_str(value), &seconds) && seconds >= key->min &&
	    seconds <= key->max) {
		*(int64_t *)field = seconds;
		return true;
	}
	buf_printf(why, "'%s' is no time from ", value);
	duration_write(why, key->min);
	buf_adds(why, " to ");
	duration_write(why, key->max);
	buf_adds(why, " (30s, 5m, 2h, 1d)");
	return false;
}

static bool set_size(const struct settings_key *key, const char *value,
		     void *field, struct buf *why)
{
	int64_t bytes;

	if (size_parse(span_str(value), &bytes) && bytes >= key->min &&
	    bytes <= key->max) {
		*(int64_t *)field = bytes;
		return true;
	}
	buf_printf(why, "'%s' is no size from ", value);
	size_write(why, key->min);
	buf_adds(why, " to ");
	size_write(why, key->max);
	buf_adds(why, " (512K, 64M, 1G)");
	return false;
}

void settings_set_string(void *field, const char *value)
{
	char **text = field;

	free(*text);
	*text = xstrdup(value);
}

static bool set_lines(const struct settings_key *key, const char *value,
		      void *field, struct buf *why)
{
	(void)key;
	if (*value == '\0') {
		buf_adds(why, "has no value");
		return false;
	}
	settings_set_string(field, value);
	return true;
}

/* A name must not be what also means something else as an addressee. */
static bool set_name(const struct settings_key *key, const char *value,
		     void *field, struct buf *why)
{
	struct buf shown = BUF_INIT;
	uint64_t number;
	bool plain;

	(void)key;
	text_escape(&shown, value, strlen(value), false);
	plain = strcmp(shown.data, value) == 0;
	buf_release(&shown);
	if (*value == '\0')
		buf_adds(why, "has no value");
	else if (strlen(value) > LIMIT_NAME)
		buf_printf(why, "has more than %d bytes", LIMIT_NAME);
	else if (!plain)
		buf_adds(why, "has control characters");
	else if (*value == '-')
		buf_adds(why, "starts with '-'");
	else if (text_number(span_str(value), &number) ||
		 strcasecmp(value, "ALL") == 0 || strcasecmp(value, "HUMAN") == 0)
		buf_printf(why, "'%s' means something else to `trine send`", value);
	else
		settings_set_string(field, value);
	return why->len == 0;
}

static bool set_url(const struct settings_key *key, const char *value,
		    void *field, struct buf *why)
{
	struct error err = ERROR_INIT;

	(void)key;
	if (settings_check_url(value, &err) == -1) {
		buf_adds(why, err.text);
		return false;
	}
	settings_set_string(field, value);
	return true;
}

static bool set_path(const struct settings_key *key, const char *value,
		     void *field, struct buf *why)
{
	(void)key;
	if (!settings_parts_valid(value, plain_name_valid)) {
		buf_printf(why, "'%s' is no folder of the repository: plain names "
			   "with / between them, as in coordination", value);
		return false;
	}
	settings_set_string(field, value);
	return true;
}

/* A program that runs in a timer has no shell and no working directory. */
static bool set_file(const struct settings_key *key, const char *value,
		     void *field, struct buf *why)
{
	(void)key;
	if (*value != '/') {
		buf_printf(why, "'%s' is no full path: it begins with /", value);
		return false;
	}
	settings_set_string(field, value);
	return true;
}

static bool set_transport(const struct settings_key *key, const char *value,
			  void *field, struct buf *why)
{
	bool by_git = strcmp(value, "git") == 0;

	(void)key;
	if (!by_git && strcmp(value, "libgit2") != 0) {
		buf_printf(why, "'%s' is not available; there are: libgit2, git",
			   value);
		return false;
	}
	*(bool *)field = by_git;
	return true;
}

static bool set_deliver(const struct settings_key *key, const char *value,
			void *field, struct buf *why)
{
	static const char *const kinds[] = {
		[DELIVER_INBOX] = "inbox",
		[DELIVER_HTTP] = "http",
		[DELIVER_EXEC] = "exec",
	};

	(void)key;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i] != NULL && strcmp(value, kinds[i]) == 0) {
			*(enum deliver_kind *)field = (enum deliver_kind)i;
			return true;
		}
	buf_printf(why, "'%s' is not available; there are: inbox, http, exec. "
		   "Without this key tasks wait in the queue", value);
	return false;
}

/* A password would be in a file that others may read, and in what is said of
 * failures. */
bool settings_check_service(const char *value, struct buf *why)
{
	struct span rest = span_str(value);
	size_t host;

	if (!text_skip(&rest, "http://") && !text_skip(&rest, "https://")) {
		buf_printf(why, "'%s' is no address of a service: it begins with "
			   "http:// or https://", value);
		return false;
	}
	host = strcspn(rest.p, "/?#");
	if (host == 0 || rest.p[strcspn(rest.p, " \t")] != '\0')
		buf_printf(why, "'%s' names no host, or has blanks in it", value);
	else if (memchr(rest.p, '@', host) != NULL)
		buf_adds(why, "a user or password does not belong into an address");
	return why->len == 0;
}

static bool set_service(const struct settings_key *key, const char *value,
			void *field, struct buf *why)
{
	(void)key;
	if (settings_check_service(value, why))
		settings_set_string(field, value);
	return why->len == 0;
}

static bool set_bool(const struct settings_key *key, const char *value,
		     void *field, struct buf *why)
{
	bool yes = strcmp(value, "yes") == 0;

	(void)key;
	if (!yes && strcmp(value, "no") != 0) {
		buf_printf(why, "'%s' is neither yes nor no", value);
		return false;
	}
	*(bool *)field = yes;
	return true;
}

bool settings_set(const struct settings_key *key, const char *value,
		  void *target, struct buf *why)
{
	static bool (*const set[])(const struct settings_key *, const char *,
				   void *, struct buf *) = {
		[VALUE_NUMBER] = set_number,
		[VALUE_DURATION] = set_duration,
		[VALUE_SIZE] = set_size,
		[VALUE_NAME] = set_name,
		[VALUE_LINES] = set_lines,
		[VALUE_URL] = set_url,
		[VALUE_BRANCH] = settings_set_branch,
		[VALUE_GLOBS] = settings_set_globs,
		[VALUE_OWN_BRANCH] = settings_set_own_branch,
		[VALUE_PATH] = set_path,
		[VALUE_FILE] = set_file,
		[VALUE_TRANSPORT] = set_transport,
		[VALUE_SERVICE] = set_service,
		[VALUE_BOOL] = set_bool,
		[VALUE_DELIVER] = set_deliver,
		[VALUE_LISTEN] = settings_set_listen,
		[VALUE_HOSTS] = settings_set_hosts,
		[VALUE_SOCKET] = settings_set_socket,
		[VALUE_PROGRAM] = settings_set_program,
		[VALUE_HEALTH] = settings_set_health,
		[VALUE_PREFER] = settings_set_prefer,
	};

	return set[key->type](key, value, (char *)target + key->offset, why);
}

bool settings_append(const struct settings_key *key, const char *value,
		     void *target)
{
	char **text = (char **)(void *)((char *)target + key->offset);
	char *longer;

	if (key->type != VALUE_LINES && key->type != VALUE_PROGRAM &&
	    key->type != VALUE_HEALTH)
		return false;
	longer = xasprintf("%s\n%s", *text, value);
	free(*text);
	*text = longer;
	return true;
}

static bool is_of(const struct settings_key *key, bool instance)
{
	return (strcmp(key->section, SECTION_INSTANCE) == 0) == instance;
}

void settings_default(bool instance, void *target)
{
	struct buf why = BUF_INIT;

	for (size_t i = 0; i < SETTINGS_KEYS; i++) {
		if (!is_of(&settings_keys[i], instance) ||
		    settings_keys[i].initial == NULL)
			continue;
		settings_set(&settings_keys[i], settings_keys[i].initial,
			     target, &why);
		assert(why.len == 0);
	}
	buf_release(&why);
}

static bool is_text(enum value_type type)
{
	switch (type) {
	case VALUE_NUMBER:
	case VALUE_DURATION:
	case VALUE_SIZE:
	case VALUE_TRANSPORT:
	case VALUE_BOOL:
	case VALUE_DELIVER:
		return false;
	default:
		return true;
	}
}

void settings_forget(bool instance, void *target)
{
	for (size_t i = 0; i < SETTINGS_KEYS; i++)
		if (is_of(&settings_keys[i], instance) &&
		    is_text(settings_keys[i].type))
			free(*(char **)(void *)((char *)target +
						settings_keys[i].offset));
}
