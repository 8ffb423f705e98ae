// A child that tells when it lived: appends "s <ns>" to a file at its first instruction and "d <ns>" at its
// last, on CLOCK_MONOTONIC, which all processes of a machine share. usage: tiny FILE LIFE_US CODE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void tell(int file, char what) {
  struct timespec now;
  char line[64];
  clock_gettime(CLOCK_MONOTONIC, &now);
  int length = snprintf(line, sizeof line, "%c %lld\n", what,
                        (long long)now.tv_sec * 1000000000LL + now.tv_nsec);
  if (write(file, line, length) != length) _exit(98);
}

int main(int count, char **arguments) {
  if (count < 4) return 97;
  int file = open(arguments[1], O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (file < 0) return 99;
  tell(file, 's');
  usleep(atoi(arguments[2]));
  tell(file, 'd');
  _exit(atoi(arguments[3]));
}
