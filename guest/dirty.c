/*
 * dirty: writes memory over and over, as the kernel's command line asks, so that a migration has pages to send again.
 *
 *   bench.dirty_mib=32         how much memory; 0 or absent: ends at once
 *   bench.dirty_mib_per_s=16   how fast, a page counted as 4 KiB; 0: as fast as it can
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "words.h"

enum { PAGE = 4096, PAGES_A_MIB = 256, BURST = 16 };

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

int main(void)
{
	char text[32];
	size_t pages, page = 0;
	double rate, begun, written = 0;
	volatile uint64_t *memory;

	word_of("bench.dirty_mib", "0", text, sizeof text);
	pages = strtoul(text, NULL, 10) * PAGES_A_MIB;
	word_of("bench.dirty_mib_per_s", "0", text, sizeof text);
	rate = strtod(text, NULL) * PAGES_A_MIB;
	if (pages == 0)
		return 0;
	memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	begun = seconds();
	for (;;) {
		for (int count = 0; count < BURST; count++) {
			memory[page * (PAGE / sizeof *memory)]++;
			page = (page + 1) % pages;
		}
		written += BURST;
		if (rate > 0) {
			double ahead = written / rate - (seconds() - begun);
			if (ahead > 0.001) {
				struct timespec rest = { (time_t)ahead, (long)((ahead - (time_t)ahead) * 1e9) };
				nanosleep(&rest, NULL);
			} else if (ahead < -0.5) {
				/* It stood still, for a migration perhaps: what it missed is not made up for. */
				begun = seconds();
				written = 0;
			}
		}
	}
}
