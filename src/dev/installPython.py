"""Makes a virtual environment with pinned packages: installPython.py TARGET REQUIREMENTS MODULE

MODULE is imported to see whether it works.

Safe to run several times at once (one works, the others wait), and to kill at any moment (the next run starts over).
Prints one line per step of progress.
"""
import fcntl
import os
import shutil
import subprocess
import sys

target, requirements, module = sys.argv[1], sys.argv[2], sys.argv[3]
marker = os.path.join(target, "complete")
python = os.path.join(target, "bin", "python")


def say(text):
    print(text, flush=True)


def usable():
    # A Python that was upgraded or removed leaves an environment that is complete but does not run.
    if not os.path.exists(marker):
        return False
    try:
        return subprocess.run([python, "-c", "import " + module], capture_output=True).returncode == 0
    except OSError:
        return False


if sys.version_info < (3, 10):
    sys.exit("Python 3.10 or newer is needed, this is " + sys.version.split()[0])

if usable():
    sys.exit(0)
os.makedirs(os.path.dirname(target), exist_ok=True)
with open(target + ".lock", "w") as lock:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another installation of " + module)
        fcntl.flock(lock, fcntl.LOCK_EX)
    if usable():
        sys.exit(0)
    shutil.rmtree(target, ignore_errors=True)
    say("making a Python environment")
    made = subprocess.run([sys.executable, "-m", "venv", target], capture_output=True, text=True)
    if made.returncode != 0:
        sys.exit("python3 -m venv failed (on Debian and Ubuntu: install python3-venv)\n" + made.stdout + made.stderr)
    with open(requirements) as file:
        total = len({line.split("==")[0] for line in file if "==" in line and not line.startswith(("#", " "))})
    command = [python, "-m", "pip", "install", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r", requirements]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        tail, count = [], 0
        for line in pip.stdout:
            tail = (tail + [line])[-25:]
            if line.startswith("Collecting "):
                count += 1
                if count % 10 == 1:
                    say(f"fetching Python packages ({count} of about {total})")
            elif line.startswith("Installing collected"):
                say(f"installing {count} Python packages")
    if pip.returncode != 0:
        shutil.rmtree(target, ignore_errors=True)
        sys.exit("pip could not install " + module + "\n" + "".join(tail))
    with open(marker + ".new", "w") as file:
        file.write("made by Python " + sys.version.split()[0] + "\n")
    os.replace(marker + ".new", marker)
