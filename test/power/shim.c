/*
 * Lies between a process and the disk, so that a test can take the power away from it.
 *
 * Whatever the process writes beneath one folder goes where it belongs; and each time a file is
 * synchronized, what it holds then goes into a shadow as well, and each time the folder is, so do
 * its names. What is written to a file that was opened with O_DSYNC goes into the shadow at once,
 * after it was written. When the process is dead, the shadow has exactly what a disk would have that stores
 * nothing unasked, and the test makes the folder be what that is, or something in between.
 *
 * Besides, calls can be made to fail: as long as there is an order, `write` or `sync` and a number
 * of the system's, calls of that kind fail with it. Whatever is tried afterwards is written down.
 *
 *   KIBITZ_SHIM_FOLDER   the folder, by its real path
 *   KIBITZ_SHIM_SHADOW   beside it, on the same file system: live/ has each file once more, by the
 *                        number of its inode, so that no number is given to another; stable/ what
 *                        was synchronized of each; names which file each name stands for
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define PLACE (PATH_MAX + NAME_MAX + 64)

typedef ssize_t (*write_call)(int, const void *, size_t);
typedef ssize_t (*pwrite_call)(int, const void *, size_t, off_t);
typedef ssize_t (*pwritev_call)(int, const struct iovec *, int, off_t);
typedef int (*sync_call)(int);

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static const char *shadow;
static int has_failed = 0;

__attribute__((constructor)) static void begin(void)
{
    folder = getenv("KIBITZ_SHIM_FOLDER");
    shadow = getenv("KIBITZ_SHIM_SHADOW");
}

/* A shadow that is not what it should be would prove nothing. */
static void give_up(const char *what)
{
    fprintf(stderr, "shim: %s: %s\n", what, strerror(errno));
    _exit(70);
}

/* What an open file is: 0 nothing of ours, 1 a file in the folder, 2 the folder itself. */
static int kind_of(int fd)
{
    char link[64];
    char path[PATH_MAX];
    if (folder == NULL || shadow == NULL) {
        return 0;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) {
        return 0;
    }
    path[length] = '\0';
    size_t own = strlen(folder);
    if (strncmp(path, folder, own) != 0) {
        return 0;
    }
    return path[own] == '\0' ? 2 : path[own] == '/' ? 1 : 0;
}

static void note(const char *call)
{
    char path[PLACE];
    snprintf(path, sizeof path, "%s/log", shadow);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || dprintf(fd, "%s\n", call) < 0) {
        give_up(path);
    }
    close(fd);
}

/* The error that a call of this kind is ordered to have; 0 for none. */
static int ordered(const char *call)
{
    char path[PLACE];
    char kind[16];
    int code = 0;
    if (has_failed) {
        note(call);
    }
    snprintf(path, sizeof path, "%s/order", shadow);
    FILE *order = fopen(path, "re");
    if (order == NULL) {
        return 0;
    }
    int fields = fscanf(order, "%15s %d", kind, &code);
    fclose(order);
    return fields == 2 && strcmp(kind, call) == 0 ? code : 0;
}

static void keep_inode(const char *path, ino_t inode)
{
    char live[PLACE];
    snprintf(live, sizeof live, "%s/live/%lu", shadow, (unsigned long)inode);
    if (linkat(AT_FDCWD, path, AT_FDCWD, live, AT_SYMLINK_FOLLOW) != 0 && errno != EEXIST
        && errno != ENOENT) {
        give_up(live);
    }
}

static void keep_file(int fd)
{
    static char bytes[1 << 16];
    char path[PLACE];
    struct stat stat;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fstat(fd, &stat) != 0) {
        give_up(path);
    }
    keep_inode(path, stat.st_ino);
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        give_up(path);
    }
    snprintf(path, sizeof path, "%s/stable/%lu", shadow, (unsigned long)stat.st_ino);
    int to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    pwrite_call real = (pwrite_call)dlsym(RTLD_NEXT, "pwrite");
    off_t at = 0;
    for (;;) {
        ssize_t length = pread(from, bytes, sizeof bytes, at);
        if (to < 0 || length < 0 || real(to, bytes, length, at) != length) {
            give_up(path);
        }
        if (length == 0) {
            break;
        }
        at += length;
    }
    if (ftruncate(to, at) != 0) {
        give_up(path);
    }
    close(from);
    close(to);
}

static void keep_names(void)
{
    char beside[PLACE];
    char path[PLACE];
    struct stat stat;
    snprintf(beside, sizeof beside, "%s/names.new", shadow);
    FILE *names = fopen(beside, "we");
    DIR *listing = opendir(folder);
    if (names == NULL || listing == NULL) {
        give_up(beside);
    }
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (lstat(path, &stat) == 0 && S_ISREG(stat.st_mode)) {
            keep_inode(path, stat.st_ino);
            fprintf(names, "%lu %s\n", (unsigned long)stat.st_ino, entry->d_name);
        }
    }
    closedir(listing);
    snprintf(path, sizeof path, "%s/names", shadow);
    if (fclose(names) != 0 || rename(beside, path) != 0) {
        give_up(path);
    }
}

/* What was written into a part of a file is stable, and so is the length. */
static void keep_part(int fd, const char *bytes, size_t size, off_t at)
{
    char path[PLACE];
    struct stat stat;
    struct stat stored;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fstat(fd, &stat) != 0) {
        give_up(path);
    }
    keep_inode(path, stat.st_ino);
    snprintf(path, sizeof path, "%s/stable/%lu", shadow, (unsigned long)stat.st_ino);
    int to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    pwrite_call real = (pwrite_call)dlsym(RTLD_NEXT, "pwrite");
    if (to < 0 || real(to, bytes, size, at) != (ssize_t)size || fstat(to, &stored) != 0) {
        give_up(path);
    }
    if (stored.st_size < stat.st_size && ftruncate(to, stat.st_size) != 0) {
        give_up(path);
    }
    close(to);
}

/* The end of a write: one to a file that was opened with O_DSYNC is a synchronization as well. */
static ssize_t written(int fd, const char *bytes, ssize_t size, off_t at)
{
    int flags = size > 0 && kind_of(fd) == 1 ? fcntl(fd, F_GETFL) : 0;
    if (flags < 0 || (flags & O_DSYNC) == 0) {
        return size;
    }
    pthread_mutex_lock(&turn);
    int code = ordered("sync");
    if (code != 0) {
        has_failed = 1;
    } else {
        keep_part(fd, bytes, size, at);
    }
    pthread_mutex_unlock(&turn);
    errno = code;
    return code == 0 ? size : -1;
}

static int synchronize(int fd, const char *name)
{
    int kind = kind_of(fd);
    int code = 0;
    if (kind == 0) {
        return ((sync_call)dlsym(RTLD_NEXT, name))(fd);
    }
    pthread_mutex_lock(&turn);
    code = ordered("sync");
    if (code != 0) {
        has_failed = 1;
    } else if (kind == 1) {
        keep_file(fd);
    } else {
        keep_names();
    }
    pthread_mutex_unlock(&turn);
    errno = code;
    return code == 0 ? 0 : -1;
}

int fsync(int fd)
{
    return synchronize(fd, "fsync");
}

int fdatasync(int fd)
{
    return synchronize(fd, "fdatasync");
}

/*
 * How many bytes of so many a file takes: all, or -1 for an error. A disk that is full takes what
 * there is room for, and says so with the next call.
 */
static ssize_t taken(int fd, size_t size)
{
    static int is_full = 0;
    if (kind_of(fd) != 1) {
        return size;
    }
    pthread_mutex_lock(&turn);
    int code = ordered("write");
    int is_short = code == ENOSPC && size > 1 && !is_full;
    is_full = is_full || is_short;
    has_failed = has_failed || (code != 0 && !is_short);
    pthread_mutex_unlock(&turn);
    errno = code;
    return code == 0 ? (ssize_t)size : is_short ? (ssize_t)(size / 2) : -1;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    ssize_t most = taken(fd, size);
    return most < 0 ? -1 : ((write_call)dlsym(RTLD_NEXT, "write"))(fd, bytes, most);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    ssize_t most = taken(fd, size);
    if (most < 0) {
        return -1;
    }
    return written(fd, bytes, ((pwrite_call)dlsym(RTLD_NEXT, "pwrite"))(fd, bytes, most, at), at);
}

/* The journal writes one piece at a time; several are all taken, or none. */
ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at)
{
    return taken(fd, 1) < 0 ? -1
        : ((pwritev_call)dlsym(RTLD_NEXT, "pwritev"))(fd, pieces, count, at);
}

/* Files of more than 2 GiB are the same thing on all systems this is made for. */
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at)
{
    return pwrite(fd, bytes, size, at);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off_t at)
{
    return pwritev(fd, pieces, count, at);
}
