/* What people write for dates and computers, and how they name files. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "trine/import.h"
#include "trine/mem.h"
#include "trine/text.h"

static void files_that_are_not_read(void **state)
{
	static const struct { const char *path; bool read; } rows[] = {
		{ "messages/1_TO_2.md", true }, { "a.md", true },
		{ "a/b.JSON", true }, { "a.markdown", true }, { "x.txt", true },
		{ "messages/HUMAN_TO_1.md", true },
		{ "archive/2025/1.md", true }, { "archive/1_TO_2.md", true },
		{ "COMPUTER_1_NOTES.md", true },
		{ "COMPUTER_1.md", false }, { "archive/1_TO_2/0001.md", false },
		{ "conflicts/1/x.md", false }, { "fleet.yaml", false },
		{ "README.md", false }, { "messages/readme.md", false },
		{ "CLAUDE.md", false }, { "a/agents.md", false },
		{ "a.yaml", false }, { "a", false }, { ".md", false },
		{ "a.png", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((import_refused(rows[i].path) == NULL) != rows[i].read)
			fail_msg("%s", rows[i].path);
}

static void dates_people_write(void **state)
{
	static const struct { const char *said, *time; } rows[] = {
		{ "2025-10-29", "2025-10-29T00:00:00Z" },
		{ "2025-10-29 19:35 UTC", "2025-10-29T19:35:00Z" },
		{ "2025-10-29T22:12:00Z", "2025-10-29T22:12:00Z" },
		{ "2025-10-29T22:12:00.123+02:00", "2025-10-29T20:12:00Z" },
		{ "2025-10-29T22:12Z", "2025-10-29T22:12:00Z" },
		{ "2025-10-29 12:25 PM PST", "2025-10-29T20:25:00Z" },
		{ "2025-10-29 12:25 AM PST", "2025-10-29T08:25:00Z" },
		{ "2025-10-29, 7pm", "2025-10-29T19:00:00Z" },
		{ "2025-10-29 (19:35 CET)", "2025-10-29T18:35:00Z" },
		{ "2025-10-29 19:35 UTC+2", "2025-10-29T17:35:00Z" },
		{ "2025-10-29 19:35 -0500", "2025-10-30T00:35:00Z" },
		{ "2025-10-29 19:35 ET", "2025-10-29T19:35:00Z" },
		{ "2025-10-29 ~19:35", "2025-10-29T19:35:00Z" },
		{ "2025-10-29 Current session", "2025-10-29T00:00:00Z" },
		{ "2025-10-29 25:99", "2025-10-29T00:00:00Z" },
		{ "2025-10-29 $(date -u +%H:%M)", "2025-10-29T00:00:00Z" },
		{ "2025/10/29", "2025-10-29T00:00:00Z" },
		{ "29.10.2025 8:05", "2025-10-29T08:05:00Z" },
		{ "10/29/2025", "2025-10-29T00:00:00Z" },
		{ "29/10/2025", "2025-10-29T00:00:00Z" },
		{ "11/11/2025", "2025-11-11T00:00:00Z" },
		{ "November 7, 2025", "2025-11-07T00:00:00Z" },
		{ "Friday, Nov 7th 2025 at 3:04:05 p.m. EST", "2025-11-07T20:04:05Z" },
		{ "7 November 2025", "2025-11-07T00:00:00Z" },
		{ "the 7th of november, 2025", "2025-11-07T00:00:00Z" },
		{ "Sept. 3, 2025", "2025-09-03T00:00:00Z" },
		{ "19:35 UTC, 2025-10-29", "2025-10-29T19:35:00Z" },
		{ "Session 2025-10-29 (19:00-19:35 UTC)", "2025-10-29T19:00:00Z" },
		{ "2024-02-29", "2024-02-29T00:00:00Z" },
		{ "", NULL }, { "Current session", NULL }, { "19:35 UTC", NULL },
		{ "$(date -u +\"%Y-%m-%d\")", NULL }, { "January 2025", NULL },
		{ "04/05/2025", NULL }, { "2025-13-01", NULL },
		{ "2025-02-29", NULL }, { "2025-10", NULL }, { "Never", NULL },
		{ "May be 5", NULL }, { "12025-10-29", NULL },
		{ "1969-10-29", NULL }, { "0000-00-00", NULL },
		{ "2025-10-29-", "2025-10-29T00:00:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[TIME_TEXT];
		int64_t time = 0;
		bool read = import_time(span_str(rows[i].said), &time);

		if (read != (rows[i].time != NULL) ||
		    (read && strcmp(time_format(time, text), rows[i].time) != 0))
			fail_msg("%s: %s", rows[i].said,
				 read ? time_format(time, text) : "not read");
	}
}

static void whom_people_mean(void **state)
{
	static const struct { const char *said; int end; } rows[] = {
		{ "Computer 1", 1 }, { "computer-2", 2 }, { "COMPUTER_12", 12 },
		{ "Computer One", 1 }, { "Computer Two (Laptop)", 2 },
		{ "C2", 2 }, { "c3 - The Oracle", 3 }, { "C2 (Computer 2)", 2 },
		{ "The Architect (Computer 2)", 2 }, { "2", 2 }, { "PC 4", 4 },
		{ "Computer 1 (Session 011CUtYha8BCasLQ7jC7wTdC)", 1 },
		{ "Computer 2 (c3 is away)", 2 }, { "Computer #2", 2 },
		{ "Computer 2, session 4", 2 }, { "Computer 2, Computer 2", 2 },
		{ "Computers 2 and 3", END_ALL }, { "C1, C2", END_ALL },
		{ "all", END_ALL }, { "ALL COMPUTERS", END_ALL },
		{ "Everyone", END_ALL }, { "EITHER_COMPUTER", END_ALL },
		{ "HUMAN_COMMANDER", END_HUMAN }, { "Commander", END_HUMAN },
		{ "", IMPORT_NOBODY }, { "Claude Code Console", IMPORT_NOBODY },
		{ "Computer", IMPORT_NOBODY }, { "Computer 0", IMPORT_NOBODY },
		{ "Computer 1000", IMPORT_NOBODY }, { "vitamin c 3", 3 },
		{ "Session 2", IMPORT_NOBODY }, { "Mechanic", IMPORT_NOBODY },
		{ "abc3", IMPORT_NOBODY }, { "C one", IMPORT_NOBODY },
		{ "(", IMPORT_NOBODY }, { "\xff\xfe", IMPORT_NOBODY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (import_end(span_str(rows[i].said)) != rows[i].end)
			fail_msg("%s: %d", rows[i].said,
				 import_end(span_str(rows[i].said)));
}

/* Who writes to whom by the name of the file alone. */
static void names_of_files(void **state)
{
	static const struct { const char *path, *stream; } rows[] = {
		{ "messages/1_TO_2.md", "1_TO_2" },
		{ "messages/HUMAN_TO_2.md", "HUMAN_TO_2" },
		{ "old/1_TO_2-2025.md", "1_TO_2" },
		{ "old/100x-1_TO_2-v1.md", "1_TO_2" },
		{ "c1-to-c2.md", "1_TO_2" },
		{ "COMPUTER_1_TO_COMPUTER_2.md", "1_TO_2" },
		{ "msg-003-from-c1-to-c3.md", "1_TO_3" },
		{ "messages/1_TO_2/003.md", "1_TO_2" },
		{ "messages/to-all.md", "HUMAN_TO_ALL" },
		{ "3_to_all.md", "3_TO_ALL" },
		{ "inbox-2.md", "HUMAN_TO_2" },
		{ "computer-2/inbox.md", "HUMAN_TO_2" },
		{ "inbox/c3.md", "HUMAN_TO_3" },
		{ "c2_outbox.md", "2_TO_ALL" },
		{ "inbox/002.md", "HUMAN_TO_ALL" },
		{ "msg-2025-10-29_to_c2.md", "HUMAN_TO_2" },
		{ "messages/2025-10-29.md", "HUMAN_TO_ALL" },
		{ "msg-how_to_2.md", "HUMAN_TO_ALL" },
		{ "msg-1_TO_0.md", "HUMAN_TO_ALL" },
		{ "msg-$(date -u).md", "HUMAN_TO_ALL" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char stream[STREAM_NAME];
		struct import_file f;

		import_read(rows[i].path, span_str("# Message 1\n\n- [ ] a\n"),
			    &f);
		if (f.messages != 1)
			fail_msg("%s: %zu messages", rows[i].path, f.messages);
		for (size_t k = 0; k < f.count; k++)
			if (f.part[k].kind == IMPORT_MESSAGE &&
			    strcmp(stream_name_format(f.part[k].message.stream,
						      stream),
				   rows[i].stream) != 0)
				fail_msg("%s: %s", rows[i].path, stream);
		import_file_release(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_that_are_not_read),
		cmocka_unit_test(dates_people_write),
		cmocka_unit_test(whom_people_mean),
		cmocka_unit_test(names_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
