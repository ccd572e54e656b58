/*
 * trine-deliver: hands over, behind the cycle, what stands in the line of one
 * instance (deliver.h). `trine sync` starts it; nobody needs to do so by hand.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/deliver.h"
#include "trine/mem.h"
#include "trine/process.h"
#include "trine/text.h"

static const char usage[] =
	"usage: trine-deliver -C DIR INSTANCE\n"
	"       trine-deliver -C DIR --alerts\n"
	"\n"
	"Hands over what stands in the line of INSTANCE on the computer in DIR, one\n"
	"after the other, until nobody stands in it; or gives alerts to the program of\n"
	"[alert]. `trine sync` starts it.\n";

static int work(const char *dir, const char *what, struct error *err)
{
	const char *moved = getenv("TRINE_TEST_CLOCK");
	struct clock clock;
	struct home *home;
	int rc;

	clock_system(&clock);
	if (moved != NULL)
		clock_move(&clock, moved);
	process_survive_pipes();
	process_note_end();
	if (home_open(&home, dir, &clock, err) == -1)
		return -1;
	rc = strcmp(what, "--alerts") == 0 ? alerts_run(home, err) :
	     worker_run(home, what, err);
	home_close(home);
	return rc;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;

	json_set_alloc_funcs(xmalloc, free);
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("trine-deliver " TRINE_VERSION);
		return 0;
	}
	if (argc != 4 || strcmp(argv[1], "-C") != 0) {
		fputs(usage, stderr);
		return ERR_USAGE;
	}
	if (process_begin(&err) == 0 && work(argv[2], argv[3], &err) == 0)
		return 0;
	fprintf(stderr, "trine-deliver: %s\n", err.text);
	return (int)err.code;
}
