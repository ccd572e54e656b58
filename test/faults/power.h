/*
 * Power loss, for tests: what a computer's disk may hold after its power went.
 *
 * Two programs share this header. `power_record.so`, loaded before a program
 * (LD_PRELOAD), writes each change that the program makes below a folder to a
 * journal, with enough to take it back, and each fsync. `power_loss JOURNAL
 * SEED`, called when every program of that computer has ended, takes back some
 * of what no fsync had made durable, and empties the journal: the computer has
 * started again.
 *
 *	mkdir /a/journal			the folder's file system
 *	export TRINE_POWER_ROOT=/a/computer	absolute, without links
 *	export TRINE_POWER_JOURNAL=/a/journal
 *	LD_PRELOAD=power_record.so trine -C /a/computer send 2 -m Hello
 *	TRINE_POWER_CUT=17 LD_PRELOAD=power_record.so trine -C /a/computer sync
 *	power_loss /a/journal 4711
 *
 * The power goes when the caller says so: TRINE_POWER_CUT=n ends the process
 * with SIGKILL before its n-th change or fsync; TRINE_TEST_KILL=n of trine does
 * as well, or any end of the process. TRINE_POWER_FSYNC=n makes the n-th fsync
 * fail with EIO, and what it was to bring to the disk is lost for good, however
 * often fsync is called again (as ext4 and XFS do). Both count the calls of one
 * process, also when it becomes another program (execv); its children do not
 * inherit them. TRINE_POWER_TIME=n is what time() says to it and to them, as long
 * as they run; TRINE_POWER_STEADY=n the milliseconds since the boot (CLOCK_BOOTTIME),
 * and TRINE_POWER_BOOT=text the name of that boot.
 *
 * A simulator with real computers gives each its own folder and journal, starts
 * its programs with the environment above, ends them, and calls power_loss with
 * a number drawn from its own seed: the same journal and number lose the same.
 *
 * What may be lost: any one to three of the changes that are not durable, or (at
 * one number of four) all of them. A write is durable after fsync or fdatasync
 * of its file, a change of names after fsync of the folder it is in (a rename:
 * the folder it goes to). A lost write may be lost in part, from a multiple of
 * 512 bytes on. Rename and exchange are atomic. Not recorded: modes, times, and
 * files that end in -shm, which SQLite makes anew.
 */
#ifndef POWER_H
#define POWER_H

#include <stdint.h>

enum power_kind {
	POWER_WRITE,	/* FILE: OLD became NEW at OFFSET; SIZE: before it */
	POWER_SIZE,	/* FILE: was SIZE bytes, now OFFSET; OLD: cut off */
	POWER_CREATE,	/* PATH is FILE */
	POWER_LINK,	/* TO is FILE, as PATH is */
	POWER_UNLINK,	/* PATH was FILE */
	POWER_RENAME,	/* PATH, which is FILE, is TO, which was OTHER or 0 */
	POWER_EXCHANGE,	/* PATH, which is FILE, and TO, which is OTHER */
	POWER_MKDIR,	/* PATH */
	POWER_RMDIR,	/* PATH */
	POWER_SYNC_FILE,	/* FILE */
	POWER_SYNC_FOLDER,	/* PATH */
	POWER_SYNC_FAILED,	/* FILE */
	POWER_KINDS
};

/* One change in JOURNAL/log; behind it PATH and TO, with their NULs, OLD, NEW.
 * Files are inode numbers, and JOURNAL/keep/NUMBER is a link to each of them, so
 * that none is used again. */
struct power_change {
	uint32_t kind;
	uint32_t path_len, to_len;	/* 0: none */
	uint32_t folder;		/* PATH is a folder */
	uint64_t file, other;
	uint64_t offset, size;
	uint64_t old_len, new_len;
};

#endif
