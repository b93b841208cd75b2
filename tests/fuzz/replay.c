/* Runs each target on the inputs that are kept, without clang:  replay CORPORA  has a directory a target. */

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include "fuzz.h"

static const struct {
    const char *name;
    fuzz_target *run;
} targets[] = {
    {"datagrams", fuzz_datagrams}, {"feed", fuzz_feed}, {"field", fuzz_field}, {"hot", fuzz_hot},
    {"lines", fuzz_lines}, {"load", fuzz_load}, {"moves", fuzz_moves}, {"pump", fuzz_pump},
    {"ring", fuzz_ring}, {"sections", fuzz_sections},
};

static char now[512];               /* the input that is being run */

static void tell(int signal)
{
    if (write(STDERR_FILENO, now, strlen(now)) < 0) _exit(2);
    _exit(128 + signal);
}

static void replay(fuzz_target *run, const char *name)
{
    FILE *file = fopen(name, "rb");
    uint8_t *data = NULL;
    long size;

    if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET)
        || !(data = malloc(size ? (size_t)size : 1)) || fread(data, 1, (size_t)size, file) != (size_t)size) {
        perror(name);
        exit(1);
    }
    fclose(file);
    run(data, (size_t)size);
    free(data);
}

/* Every file of the directory one is in; answers how many. */
static int replay_all(const char *target, fuzz_target *run)
{
    DIR *them = opendir(".");
    struct dirent *entry;
    int count = 0;

    while (them && (entry = readdir(them))) {
        if (entry->d_name[0] == '.') continue;
        snprintf(now, sizeof now, "\nthis was %s/%s\n", target, entry->d_name);
        replay(run, entry->d_name);
        count++;
    }
    if (them) closedir(them);
    return count;
}

int main(int count, char **arguments)
{
    int missing = 0;

    signal(SIGABRT, tell);
    if (count != 2 || chdir(arguments[1])) return 2;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        int inputs = 0;
        snprintf(now, sizeof now, "\nthis was %s with nothing\n", targets[i].name);
        targets[i].run(NULL, 0);
        if (!chdir(targets[i].name)) {
            inputs = replay_all(targets[i].name, targets[i].run);
            if (chdir("..")) return 2;
        }
        printf("%-10s %4d inputs\n", targets[i].name, inputs);
        missing |= !inputs;
    }
    return missing;
}
