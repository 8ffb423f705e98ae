// The floor under any supervisor: start `sh -c COMMAND` in its own session, wait for its end, start again.
// Each line on stdin holds a number of starts; "done" on stdout answers it. usage: floor COMMAND
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
  char line[32];
  if (count < 2) return 97;
  while (fgets(line, sizeof line, stdin)) {
    for (int left = atoi(line); left > 0; left--) {
      pid_t child = fork();
      if (child == 0) {
        setsid();
        execl("/bin/sh", "sh", "-c", arguments[1], (char *)0);
        _exit(127);
      }
      if (child < 0 || waitpid(child, 0, 0) < 0) return 98;
    }
    puts("done");
    fflush(stdout);
  }
  return 0;
}
