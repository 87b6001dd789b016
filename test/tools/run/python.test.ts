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
 * A machine on which only these programs are found. Each is a Python that says what it was asked to the
 * file `calls`, and behaves as its script says.
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

/** The Python that `-m venv` puts into the environment. */
const inside = (pip: string) => `#!/bin/sh
echo "inside $*" >> ${work}/calls
case "$*" in *"pip install"*) ${pip} ;; esac
`;

/** Recent, with the venv module, and a pip that does this. */
const whole = (pip = "exit 0") => `case "$2" in
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
  it("is made with the requirements' hashes, and says where its Python is", async () => {
    aMachineWith({ python3: whole() });

    const python = await ensure();

    expect(python).toBe(join(folder, "bin", "python"));
    expect(calls()).toContain(`--require-hashes -r ${requirements}`);
  });

  it("is made once", async () => {
    aMachineWith({ python3: whole() });

    await ensure();
    await ensure();

    expect(installations()).toBe(1);
  });

  it("is made once by two commands that start at the same time", async () => {
    aMachineWith({ python3: whole("/bin/sleep 0.3") });

    await Promise.all([ensure(), ensure()]);

    expect(installations()).toBe(1);
  });

  it("is made anew when the requirements change", async () => {
    aMachineWith({ python3: whole() });
    await ensure();

    writeFileSync(requirements, "ministack==1.5.34 --hash=sha256:01\n");
    await ensure();

    expect(installations()).toBe(2);
  });

  it("is made anew when an installation broke off", async () => {
    aMachineWith({ python3: whole(`[ -e ${work}/network ] || exit 1`) });
    await ensure().catch(() => undefined);

    writeFileSync(join(work, "network"), "");
    await ensure();

    expect(installations()).toBe(2);
  });

  it("is made anew when what it held is gone", async () => {
    aMachineWith({ python3: whole() });
    await ensure();

    writeFileSync(join(folder, "bin", "python"), "#!/bin/sh\nexit 1\n");
    await ensure();

    expect(installations()).toBe(2);
  });

  it("is made with a later Python where python3 is an old one", async () => {
    aMachineWith({ python3: "exit 3", "python3.12": whole() });

    await ensure();

    expect(calls()).toContain("python3.12 -m venv");
  });

  it("is given up, with a way out, where there is no Python", async () => {
    aMachineWith({});

    const error: unknown = await ensure().catch((reason: unknown) => reason);

    expect(error).toEqual(
      new LocalError(
        "The local cloud needs Python 3.10 or later, and none was found under the names python3 and python3.10 to python3.14. Install it, and try again.",
      ),
    );
  });

  it("is given up, with a way out, where Python is too old", async () => {
    aMachineWith({ python3: "exit 3" });

    await expect(ensure()).rejects.toThrow("The local cloud needs Python 3.10 or later");
  });

  it("is given up, with a way out, where the venv module is missing", async () => {
    aMachineWith({ python3: 'case "$2" in *ensurepip*) exit 1 ;; esac' });

    await expect(ensure()).rejects.toThrow(
      "Python is there, but its venv module is not. Install it (on Debian and Ubuntu: apt install python3-venv), and try again.",
    );
  });

  it("is given up with what pip said when nothing can be installed", async () => {
    aMachineWith({ python3: whole('echo "no route to host"; exit 1') });

    const error: unknown = await ensure().catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(LocalError);
    expect(String(error)).toContain("Look at the network and at the index that pip is set to use");
    expect(String(error)).toContain("no route to host");
  });

  it("is given up at once when the person asks for the end, and pip ends with it", async () => {
    aMachineWith({ python3: whole(`(/bin/sleep 1; echo late > ${work}/late); exit 0`) });
    const controller = new AbortController();

    const making = ensurePython({ folder, requirements, signal: controller.signal });
    setTimeout(() => {
      controller.abort(new Error("interrupted"));
    }, 500);

    await expect(making).rejects.toThrow("interrupted");
    await sleep(1500);
    expect(existsSync(join(work, "late"))).toBe(false);
  });
});
