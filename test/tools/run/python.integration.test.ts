import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { LocalError } from "../../../tools/run/local-error.ts";
import { ensurePython } from "../../../tools/run/python.ts";

const path = process.env["PATH"];
let work = "";
let folder = "";
let requirements = "";

/**
 * A machine with only these programs. Each stands for Python, records its arguments in the file `calls` and
 * behaves like its script.
 */
function aMachineWith(programs: Readonly<Record<string, string>>): void {
  const bin = join(work, "bin");
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    const file = join(bin, name);
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> ${work}/calls\n${script}\n`);
    chmodSync(file, 0o755);
  }
  process.env["PATH"] = bin;
}

const calls = () => (existsSync(`${work}/calls`) ? readFileSync(`${work}/calls`, "utf8") : "");
const installations = () => calls().match(/pip install/g)?.length ?? 0;

/** The Python that `-m venv` creates in the environment. */
const inside = (pip: string) => `#!/bin/sh
echo "inside $*" >> ${work}/calls
case "$*" in *"pip install"*) ${pip} ;; esac
`;

/** A recent Python with the venv module, whose pip runs a script. */
const complete = (pip = "exit 0") => `case "$2" in
  venv) for last; do :; done
    /bin/mkdir -p "$last/bin"
    /bin/cat > "$last/bin/python" <<'END'
${inside(pip)}END
    /bin/chmod +x "$last/bin/python" ;;
esac`;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "python-test-"));
  folder = join(work, "local", "venv");
  requirements = join(work, "requirements.txt");
  writeFileSync(requirements, "ministack==1.5.33 --hash=sha256:00\n");
});

afterEach(() => {
  process.env["PATH"] = path;
  rmSync(work, { recursive: true });
});

const ensure = async () => await ensurePython({ folder, requirements });

describe("the emulator's Python environment", () => {
  it("is created with the hashes of the requirements, and returns the path of its Python", async () => {
    aMachineWith({ python3: complete() });

    const python = await ensure();

    expect(python).toBe(join(folder, "bin", "python"));
    expect(calls()).toContain(`--require-hashes -r ${requirements}`);
  });

  it("is created once", async () => {
    aMachineWith({ python3: complete() });

    await ensure();
    await ensure();

    expect(installations()).toBe(1);
  });

  it("is created once by two commands that start at the same time", async () => {
    aMachineWith({ python3: complete("/bin/sleep 0.3") });

    await Promise.all([ensure(), ensure()]);

    expect(installations()).toBe(1);
  });

  it("is created again if the requirements change", async () => {
    aMachineWith({ python3: complete() });
    await ensure();

    writeFileSync(requirements, "ministack==1.5.34 --hash=sha256:01\n");
    await ensure();

    expect(installations()).toBe(2);
  });

  it("is created again if an installation was interrupted", async () => {
    aMachineWith({ python3: complete(`[ -e ${work}/network ] || exit 1`) });
    await ensure().catch(() => undefined);

    writeFileSync(join(work, "network"), "");
    await ensure();

    expect(installations()).toBe(2);
  });

  it("is created again if a module is missing", async () => {
    aMachineWith({ python3: complete() });
    await ensure();

    writeFileSync(join(folder, "bin", "python"), "#!/bin/sh\nexit 1\n");
    await ensure();

    expect(installations()).toBe(2);
  });

  it("uses a later Python if python3 is too old", async () => {
    aMachineWith({ python3: "exit 3", "python3.12": complete() });

    await ensure();

    expect(calls()).toContain("python3.12 -m venv");
  });

  it("fails with an instruction if Python is not installed", async () => {
    aMachineWith({});

    const error: unknown = await ensure().catch((reason: unknown) => reason);

    expect(error).toEqual(
      new LocalError(
        "Python 3.10 or later was not found as python3 or python3.10 to python3.14. Install it, then try again.",
      ),
    );
  });

  it("fails with an instruction if Python is too old", async () => {
    aMachineWith({ python3: "exit 3" });

    await expect(ensure()).rejects.toThrow("Python 3.10 or later was not found");
  });

  it("fails with an instruction if the venv module is missing", async () => {
    aMachineWith({ python3: 'case "$2" in *ensurepip*) exit 1 ;; esac' });

    await expect(ensure()).rejects.toThrow(
      "Python's venv module is missing. Install it (Debian and Ubuntu: apt install python3-venv), then try again.",
    );
  });

  it("fails with the output of pip if nothing can be installed", async () => {
    aMachineWith({ python3: complete('echo "no route to host"; exit 1') });

    const error: unknown = await ensure().catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(LocalError);
    expect(String(error)).toContain("Check the network and the package index of pip");
    expect(String(error)).toContain("no route to host");
  });

  it("is interrupted immediately, together with pip", async () => {
    aMachineWith({ python3: complete(`(/bin/sleep 1; echo late > ${work}/late); exit 0`) });
    const controller = new AbortController();

    const creation = ensurePython({ folder, requirements, signal: controller.signal });
    setTimeout(() => {
      controller.abort(new Error("interrupted"));
    });

    await expect(creation).rejects.toThrow("interrupted");
    await sleep(1500);
    expect(existsSync(join(work, "late"))).toBe(false);
  });
});
