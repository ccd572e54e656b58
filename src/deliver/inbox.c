/*
 * `deliver = inbox`: a task as a file, by the rules of maildir(5): complete in
 * new/, or not there at all. Called by deliver_all.
 */
#include "trine/deliver.h"

#include <stdlib.h>
#include <string.h>

#include "trine/file.h"
#include "trine/mail.h"
#include "trine/mem.h"
#include "trine/text.h"

static const char *const folders[] = { "tmp", "new", "cur" };

static int make_maildir(const char *inbox, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char *path = xasprintf("%s/%s", inbox, folders[i]);
		int rc = file_mkdir(path, 0700, err);

		free(path);
		if (rc == -1)
			return -1;
	}
	return 0;
}

/* A reader may have moved NAME to cur/, with maildir's flags (":2,S") added. */
static int is_taken(const char *inbox, const char *name, bool *out,
		    struct error *err)
{
	char *cur = xasprintf("%s/cur", inbox);
	struct list names = LIST_INIT;
	size_t len = strlen(name);
	int rc = file_list(cur, &names, err);

	*out = false;
	for (size_t i = 0; i < names.count && rc == 0; i++)
		if (strncmp(names.item[i], name, len) == 0 &&
		    (names.item[i][len] == '\0' || names.item[i][len] == ':'))
			*out = true;
	list_release(&names);
	free(cur);
	return rc;
}

/* Only the cycle writes to tmp/, one message at a time: what is there was left
 * by one that was killed. */
static int empty_tmp(const char *inbox, struct error *err)
{
	char *tmp = xasprintf("%s/tmp", inbox);
	struct list names = LIST_INIT;
	int rc = file_list(tmp, &names, err);

	for (size_t i = 0; i < names.count && rc == 0; i++) {
		char *path = xasprintf("%s/%s", tmp, names.item[i]);

		rc = file_remove(path, err);
		free(path);
	}
	list_release(&names);
	free(tmp);
	return rc;
}

static int put_file(const char *inbox, const char *name, struct span bytes,
		    struct error *err)
{
	char *tmp = xasprintf("%s/tmp/%s", inbox, name);
	char *new = xasprintf("%s/new/%s", inbox, name);
	int rc = 0;

	if (!file_exists(new)) {
		rc = file_write(tmp, bytes, 0600, err);
		if (rc == 0)
			rc = file_rename(tmp, new, err);
	}
	free(tmp);
	free(new);
	return rc;
}

int deliver_inbox(const struct home *h, const struct instance_settings *i,
		  const struct record *record, struct error *err)
{
	char *inbox = xasprintf("%s/inbox/%s", h->state, i->name);
	char *name = xasprintf("%s.md", record->id);
	struct buf text = BUF_INIT;
	bool taken;
	int rc = -1;

	if (make_maildir(inbox, err) == -1 || empty_tmp(inbox, err) == -1 ||
	    is_taken(inbox, name, &taken, err) == -1)
		goto out;
	mail_write(&text, record);
	rc = taken ? 0 : put_file(inbox, name, span_of(&text), err);
out:
	buf_release(&text);
	free(name);
	free(inbox);
	return rc;
}
