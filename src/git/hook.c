/*
 * The hooks of a remote on a local path (remote_p.h), run as git's own
 * receive-pack would: with a server in between they could refuse a push, and
 * so they can here.
 */
#include "remote_p.h"

#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/text.h"

enum { OUTPUT_BYTES = 512 };

/* Arguments: folder, hook, old, new, ref. Where git told its own hooks to look
 * (we may run in one) is not where these must. */
#define THERE "unset GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY " \
	      "GIT_ALTERNATE_OBJECT_DIRECTORIES; GIT_DIR=.; " \
	      "export GIT_DIR; cd \"$1\" && "
#define BY_STDIN THERE "printf '%s %s %s\\n' \"$3\" \"$4\" \"$5\" | \"$2\""
#define BY_ARGUMENTS THERE "exec \"$2\" \"$5\" \"$3\" \"$4\""
#define BY_REF THERE "exec \"$2\" \"$5\""

static const struct hook {
	const char *name, *script;
} before[] = {
	{ "pre-receive", BY_STDIN },
	{ "update", BY_ARGUMENTS },
}, after[] = {
	{ "post-receive", BY_STDIN },
	{ "post-update", BY_REF },
};

static int64_t left_ms(const struct hook_push *push)
{
	struct clock *clock = push->peer->clock;
	int64_t left = push->deadline - clock->steady(clock);

	return left > 0 ? left : 0;
}

/* 1: it is not there, or content; 0: it said no; -1: it could not be asked. */
static int run_hook(const struct hook_push *push, const struct hook *hook,
		    struct buf *out, struct error *err)
{
	char *path = xasprintf("%s/%s", push->folder, hook->name);
	const char *const argv[] = {
		"sh", "-c", hook->script, "sh", push->git_dir, path, push->old,
		push->new_tip, push->ref, NULL,
	};
	struct process_result result = { 0, false };
	int failed = 0;

	if (file_executable(path))
		failed = process_run(argv, left_ms(push), out, OUTPUT_BYTES,
				     &result, err);
	if (failed == 0 && result.timed_out)
		failed = error_set(err, ERR_AGAIN, "%s did not end in time",
				   path);
	free(path);
	return failed ? -1 : result.status == 0;
}

static void say_refusal(const struct hook *hook, const struct buf *out,
			struct error *err)
{
	struct span text = text_trim(span_of(out));
	struct buf shown = BUF_INIT;

	text_escape(&shown, text.p, text.len, false);
	error_set(err, ERR_REFUSED, "the remote's %s hook refused the push%s%s",
		  hook->name, shown.len > 0 ? ": " : "", shown.data);
	buf_release(&shown);
}

enum push_result hooks_before(const struct hook_push *push, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		struct buf out = BUF_INIT;
		int answer = run_hook(push, &before[i], &out, err);

		if (answer == 0)
			say_refusal(&before[i], &out, err);
		buf_release(&out);
		if (answer != 1)
			return answer == 0 ? PUSH_REFUSED : PUSH_UNKNOWN;
	}
	return PUSH_OK;
}

void hooks_after(const struct hook_push *push)
{
	struct error ignored = ERROR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(after); i++)
		run_hook(push, &after[i], NULL, &ignored);
}
