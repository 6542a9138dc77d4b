/*
 * heartbeat: says that the guest lives, and writes to its disk, as its kernel's command line asks.
 *
 *   bench.name=g1 bench.observer=10.0.0.10:7707 bench.heartbeat_ms=5
 *
 * One UDP datagram every bench.heartbeat_ms, by absolute deadlines on the monotonic clock:
 *   bench-heartbeat 1 NAME BOOT_ID SEQ MONOTONIC_MS DISK_RECORDS DISK_ERRORS
 * A thread of its own appends a numbered record with a checksum to the last MiB of the disk every 100 ms, past the page
 * cache, and reads it back: a disk that hangs must not hold up the heartbeat, and a record that is not there any more after a
 * migration is counted as an error.
 *
 *   heartbeat [DISK]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "words.h"

enum { BLOCK = 4096, AREA = 1 << 20, SLOTS = AREA / BLOCK, RECORD_EVERY_MS = 100 };

struct record {
	char magic[8];
	uint64_t number;
	char boot_id[40];
	uint64_t checksum;
};

static char boot_id[40] = "-";
static atomic_ullong records, errors;

/* FNV-1a: enough to tell a torn or foreign block from an own one. */
static uint64_t checksum_of(const void *data, size_t length)
{
	const unsigned char *byte = data;
	uint64_t hash = 0xcbf29ce484222325u;
	while (length--)
		hash = (hash ^ *byte++) * 0x100000001b3u;
	return hash;
}

static void sleep_until(const struct timespec *moment)
{
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, moment, NULL) == EINTR)
		;
}

static void add_ns(struct timespec *moment, long long ns)
{
	long long sum = moment->tv_nsec + ns;
	moment->tv_sec += sum / 1000000000;
	moment->tv_nsec = sum % 1000000000;
}

static long long ns_between(const struct timespec *from, const struct timespec *to)
{
	return (to->tv_sec - from->tv_sec) * 1000000000LL + (to->tv_nsec - from->tv_nsec);
}

static int append(int disk, off_t start, unsigned char *block, unsigned char *back, uint64_t number)
{
	struct record *record = (struct record *)block;
	off_t at = start + (off_t)(number % SLOTS) * BLOCK;
	memset(block, 0, BLOCK);
	memcpy(record->magic, "BENCHREC", 8);
	record->number = number;
	memcpy(record->boot_id, boot_id, sizeof record->boot_id);
	record->checksum = checksum_of(block, offsetof(struct record, checksum));
	if (pwrite(disk, block, BLOCK, at) != BLOCK)
		return 0;
	if (pread(disk, back, BLOCK, at) != BLOCK || memcmp(block, back, BLOCK) != 0)
		return 0;
	if (number == 0)
		return 1;
	/* The one before, perhaps written through another host. */
	if (pread(disk, back, BLOCK, start + (off_t)((number - 1) % SLOTS) * BLOCK) != BLOCK)
		return 0;
	record = (struct record *)back;
	return record->number == number - 1 && record->checksum == checksum_of(back, offsetof(struct record, checksum));
}

static void *write_disk(void *path)
{
	unsigned char *blocks = mmap(NULL, 2 * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int disk = open(path, O_RDWR | O_DIRECT | O_SYNC | O_CLOEXEC);
	off_t size = disk < 0 ? -1 : lseek(disk, 0, SEEK_END);
	struct timespec due;
	uint64_t number = 0;

	if (blocks == MAP_FAILED || size < AREA) {
		fprintf(stderr, "heartbeat: %s cannot be written to: %s\n", (char *)path, strerror(errno));
		atomic_fetch_add(&errors, 1);
		return NULL;
	}
	clock_gettime(CLOCK_MONOTONIC, &due);
	for (;;) {
		if (append(disk, (size - AREA) / BLOCK * BLOCK, blocks, blocks + BLOCK, number))
			atomic_store(&records, ++number);
		else
			atomic_fetch_add(&errors, 1);
		add_ns(&due, RECORD_EVERY_MS * 1000000LL);
		sleep_until(&due);
	}
}

static void read_boot_id(void)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
	if (file) {
		if (fscanf(file, "%36s", boot_id) != 1)
			strcpy(boot_id, "-");
		fclose(file);
	}
}

static int target_of(const char *text, struct sockaddr_in *target)
{
	char address[32];
	int port;
	if (sscanf(text, "%31[0-9.]:%d", address, &port) != 2)
		return 0;
	target->sin_family = AF_INET;
	target->sin_port = htons(port);
	return inet_aton(address, &target->sin_addr);
}

int main(int count, char **arguments)
{
	char name[64], observer[64], period[16], text[256];
	struct sockaddr_in target = { 0 };
	struct sched_param priority = { .sched_priority = 1 };
	struct timespec due, now;
	unsigned long long number = 0;
	long long period_ns;
	pthread_t thread;
	int out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	word_of("bench.name", "guest", name, sizeof name);
	word_of("bench.observer", "", observer, sizeof observer);
	word_of("bench.heartbeat_ms", "5", period, sizeof period);
	period_ns = (long long)(atof(period) * 1e6);
	if (period_ns < 100000 || !target_of(observer, &target)) {
		fprintf(stderr, "heartbeat: bench.observer=ADDRESS:PORT and bench.heartbeat_ms are needed\n");
		return 2;
	}
	read_boot_id();
	if (count > 1 && pthread_create(&thread, NULL, write_disk, arguments[1]) != 0)
		return 1;
	mlockall(MCL_CURRENT | MCL_FUTURE);
	sched_setscheduler(0, SCHED_RR, &priority);

	clock_gettime(CLOCK_MONOTONIC, &due);
	for (;;) {
		int length;
		sleep_until(&due);
		clock_gettime(CLOCK_MONOTONIC, &now);
		length = snprintf(text, sizeof text, "bench-heartbeat 1 %s %s %llu %lld %llu %llu", name, boot_id, number++,
				  (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000, atomic_load(&records),
				  atomic_load(&errors));
		/* Nobody may listen, and then the kernel says so at the next call: that is no reason to stop. */
		sendto(out, text, length, MSG_DONTWAIT, (struct sockaddr *)&target, sizeof target);
		add_ns(&due, period_ns);
		if (ns_between(&due, &now) > 10 * period_ns)
			due = now;
	}
}
