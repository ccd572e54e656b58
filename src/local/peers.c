/* Tokens of the other computers, and ours (peers.h). */
#include "trine/peers.h"

#include <stdio.h>
#include <stdlib.h>

#include "trine/file.h"
#include "trine/mem.h"
#include "trine/text.h"

static char *path_of(const struct home *h, int computer)
{
	char *name = xasprintf("run/peers/%d.token", computer);
	char *path = home_path(h, name);

	free(name);
	return path;
}

static int check_number(const struct home *h, int computer, struct error *err)
{
	if (computer == h->number)
		return error_set(err, ERR_USAGE, "this is computer %d itself: the token "
				 "of its own daemon is in .trine/run/token", computer);
	if (computer < 1 || computer > LIMIT_COMPUTERS)
		return error_set(err, ERR_USAGE, "no computer can have the number %d",
				 computer);
	return 0;
}

int peers_token(struct home *h, int computer, char out[PASS_TEXT], struct error *err)
{
	char *folder = home_path(h, "run/peers"), *path = path_of(h, computer);
	int rc = check_number(h, computer, err);

	if (rc == 0)
		rc = file_mkdir(folder, 0700, err);
	if (rc == 0)
		rc = pass_make(path, err);
	if (rc == 0)
		rc = pass_read(path, "the token of a computer", out, err);
	free(path);
	free(folder);
	return rc;
}

int peers_forget(struct home *h, int computer, bool *was, struct error *err)
{
	char *path = path_of(h, computer);
	int rc = check_number(h, computer, err);

	*was = rc == 0 && file_exists(path);
	if (*was)
		rc = file_remove(path, err);
	free(path);
	return rc;
}

int peers_check(struct home *h, int computer, const char *given, bool *is,
		struct error *err)
{
	char pass[PASS_TEXT], *path = path_of(h, computer);
	int rc = check_number(h, computer, err);

	*is = false;
	if (rc == 0 && !file_exists(path))
		rc = error_set(err, ERR_NOTFOUND, "computer %d has no token here: `trine "
			       "daemon token %d` makes one", computer, computer);
	if (rc == 0)
		rc = pass_read(path, "the token of a computer", pass, err);
	if (rc == 0)
		*is = pass_same(pass, given);
	free(path);
	return rc;
}

int peers_own_token(struct home *h, char out[PASS_TEXT], struct error *err)
{
	char *path = home_path(h, "run/realtime.token");
	int rc;

	if (file_exists(path))
		rc = pass_read(path, "the token for the hub", out, err);
	else
		rc = error_set(err, ERR_CONFIG, "no token for the hub: on its computer "
			       "`trine daemon token %d` prints it, and here `trine daemon "
			       "token --keep` takes it on standard input", h->number);
	free(path);
	return rc;
}

int peers_keep_own_token(struct home *h, struct span token, struct error *err)
{
	char pass[PASS_TEXT], *path = home_path(h, "run/realtime.token");
	char *before = xasprintf("%s.new", path);
	struct buf line = BUF_INIT;
	int rc;

	token = text_trim(token);
	buf_printf(&line, "%.*s\n", (int)token.len, token.p);
	rc = file_write(before, span_of(&line), 0600, err);
	if (rc == 0 && pass_read(before, "a token", pass, err) == -1)
		rc = error_set(err, ERR_DATA, "that is no token: 64 digits, as `trine "
			       "daemon token %d` prints them on the hub's computer",
			       h->number);
	if (rc == 0)
		rc = file_write(path, span_of(&line), 0600, err);
	file_remove(before, &(struct error)ERROR_INIT);
	buf_release(&line);
	free(before);
	free(path);
	return rc;
}
