"""Runs commands of the AWS CLI, each in a copy of this process: importing the CLI takes most of a command's time.

Argument: a named pipe, on which each line names a folder. The folder has the arguments in the file `arguments`, and receives the files `stdout` and `stderr`. The exit code is written to the named pipe `code` in it. Ends with its standard input.
"""

import os
import select
import signal
import sys

from awscli.clidriver import create_clidriver

SERVICES = ["dynamodb", "lambda", "logs", "s3", "secretsmanager", "sqs", "ssm"]


def run(driver, folder):
    with open(f"{folder}/arguments") as file:
        arguments = file.read().split("\0")[:-1]
    for name, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT), number)
    code = 255
    try:
        code = driver.main(arguments)
    except SystemExit as error:
        code = error.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with open(f"{folder}/code", "w") as file:
            file.write(f"{code or 0}\n")
        os._exit(0)


def main():
    driver = create_clidriver()
    for service in SERVICES:
        driver.session.create_client(service)
    # The copies end without being waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Also open for writing, so that it does not end between two commands.
    with os.fdopen(os.open(sys.argv[1], os.O_RDWR), "rb", buffering=0) as requests:
        while True:
            ready, _, _ = select.select([requests, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            folder = requests.readline().decode().strip()
            if os.fork() == 0:
                run(driver, folder)


main()
