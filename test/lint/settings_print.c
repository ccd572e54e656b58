/*
 * Prints what the table of settings.c generates, for `make generated` and for
 * the test that compares it with what stands in config/ and man/.
 */
#include <stdio.h>
#include <string.h>

#include "trine/settings.h"

int main(int argc, char **argv)
{
	struct buf out = BUF_INIT;

	if (argc == 2 && !strcmp(argv[1], "example")) {
		settings_write_example(&out);
	} else if (argc == 2 && !strcmp(argv[1], "manual")) {
		settings_write_manual(&out);
	} else {
		fprintf(stderr, "usage: settings_print example|manual\n");
		return 64;
	}
	fwrite(out.data, 1, out.len, stdout);
	buf_release(&out);
	return 0;
}
