/*
 * The table of trine.ini's keys, shared by what reads it (settings.c) and what
 * prints it (settings_text.c). Private to the settings.
 */
#ifndef TRINE_SETTINGS_KEYS_H
#define TRINE_SETTINGS_KEYS_H

#include "trine/settings.h"

#define SECTION_INSTANCE "instance"	/* [instance NAME] */

enum value_type {
	VALUE_NUMBER,		/* int64_t */
	VALUE_DURATION,		/* int64_t, seconds */
	VALUE_SIZE,		/* int64_t, bytes */
	VALUE_NAME,		/* char *: of a computer */
	VALUE_LINES,		/* char *: may go on in indented lines */
	VALUE_URL,		/* char * */
	VALUE_BRANCH,		/* char * */
	VALUE_GLOBS,		/* char *: patterns of branches */
	VALUE_OWN_BRANCH,	/* char *: a branch with {n} in it */
	VALUE_PATH,		/* char *: relative, of plain names */
	VALUE_FILE,		/* char *: a full path on this computer */
	VALUE_TRANSPORT,	/* bool: is it git? */
	VALUE_SERVICE,		/* char *: URL of an instance */
	VALUE_BOOL,		/* bool: yes or no */
	VALUE_DELIVER,		/* enum deliver_kind */
	VALUE_LISTEN,		/* char *: for settings_listen */
	VALUE_HOSTS,		/* char *: names of this computer in the network */
	VALUE_SOCKET,		/* char *: for settings_socket */
	VALUE_PROGRAM,		/* char *: and an argument in each more line */
	VALUE_HEALTH,		/* char *: for settings_health */
	VALUE_PREFER		/* char *: speed or quality */
};

struct settings_key {
	const char *section, *name;
	enum value_type type;
	size_t offset;		/* in struct settings or instance_settings */
	int64_t min, max;	/* of numbers, durations and sizes */
	const char *initial;	/* its default, as in the file; NULL: none */
	const char *sample;	/* stands in the example where none */
	const char *help;	/* whole sentences */
};

enum { SETTINGS_KEYS = 48 };
extern const struct settings_key settings_keys[SETTINGS_KEYS];

/* The table's own string for a section's name; NULL if there is none. Not for
 * instances. */
const char *settings_section(struct span name);
const struct settings_key *settings_find(const char *section, const char *name);

/* Set KEY in TARGET, a struct settings or instance_settings; false with the
 * reason in WHY if VALUE cannot be meant. */
bool settings_set(const struct settings_key *key, const char *value,
		  void *target, struct buf *why);
/* Add a line to the value of KEY; false if it takes no more than one. */
bool settings_append(const struct settings_key *key, const char *value,
		     void *target);

/* Give every key its default: those of TARGET, an instance_settings if INSTANCE, else
 * a settings. And free what they have. */
void settings_default(bool instance, void *target);
void settings_forget(bool instance, void *target);

/* --- for the functions that set one type of value --- */
bool settings_check_service(const char *value, struct buf *why);
void settings_set_string(void *field, const char *value);
/* Is each part of VALUE between slashes accepted by GOOD? */
bool settings_parts_valid(const char *value, bool (*good)(struct span));

/* --- settings_branches.c --- */
bool settings_set_branch(const struct settings_key *key, const char *value,
			 void *field, struct buf *why);
bool settings_set_globs(const struct settings_key *key, const char *value,
			void *field, struct buf *why);
bool settings_set_own_branch(const struct settings_key *key, const char *value,
			     void *field, struct buf *why);
/* --- settings_daemon.c --- */
bool settings_set_socket(const struct settings_key *key, const char *value,
			 void *field, struct buf *why);
bool settings_set_listen(const struct settings_key *key, const char *value,
			 void *field, struct buf *why);
bool settings_set_hosts(const struct settings_key *key, const char *value,
			void *field, struct buf *why);
bool settings_set_program(const struct settings_key *key, const char *value,
			  void *field, struct buf *why);
bool settings_set_health(const struct settings_key *key, const char *value,
			 void *field, struct buf *why);
bool settings_set_prefer(const struct settings_key *key, const char *value,
			 void *field, struct buf *why);

/* Is the fleet's branch one of a computer's, or in the place of its folder? */
bool settings_push_clashes(const struct settings *s);

#endif
