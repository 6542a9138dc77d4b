/* Words of the kernel's command line: how a guest learns who it is. */
#include <stdio.h>
#include <string.h>

/* The value of KEY=value on the command line, or `otherwise`. */
static void word_of(const char *key, const char *otherwise, char *value, size_t room)
{
	char line[4096] = "", *word, *rest;
	size_t length = strlen(key);
	FILE *file = fopen("/proc/cmdline", "r");

	snprintf(value, room, "%s", otherwise);
	if (!file)
		return;
	if (fgets(line, sizeof line, file))
		for (word = strtok_r(line, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest))
			if (strncmp(word, key, length) == 0 && word[length] == '=')
				snprintf(value, room, "%s", word + length + 1);
	fclose(file);
}
