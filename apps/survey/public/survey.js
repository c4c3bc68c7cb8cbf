/**
 * The form with client script: every file is uploaded as soon as it is chosen,
 * and the form then sends `key|filename` in its place.
 *
 * Without this module the form works too, with the files inside of it. What is
 * checked here the server checks again; here it only saves a round trip.
 */

/** More at once would only share one line, and each would take longer to be safe. */
const maxParallel = 2;

const byteUnits = ["bytes", "kB", "MB", "GB"];

/** As the server writes it: powers of 1000. */
function formatBytes(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${byteUnits[unit]}`;
}

function formatFiles(count) {
  return count === 1 ? "1 file" : `${count} files`;
}

/** What a failed request says, as one sentence. */
function failureOf(request) {
  if (request.status === 0) return "The connection was lost";
  const message = request.response?.error?.message;
  if (typeof message === "string" && message !== "") return message;
  if (request.status === 413) return "The file is too large";
  return `The server answered ${request.status}`;
}

/** A row in the list of files. As it is made it stands for a file that the server has already. */
class FileRow {
  /** "waiting", "sending", "done" or "failed" */
  state = "done";
  size = 0;
  sentBytes = 0;

  constructor(question, name) {
    this.question = question;
    this.name = name;
    this.element = question.form.newRow();
    this.progress = this.element.querySelector("[data-progress]");
    this.retryButton = this.element.querySelector("[data-retry]");
    this.removeButton = this.element.querySelector("[data-remove]");
    this.element.querySelector("[data-name]").textContent = name;
    this.removeButton.setAttribute("aria-label", `Remove ${name}`);
    this.removeButton.addEventListener("click", () => question.remove(this));
  }

  show(state, text) {
    this.state = state;
    this.element.dataset.state = state;
    this.element.querySelector("[data-state-text]").textContent = text;
    this.progress.hidden = state === "done" || state === "failed";
    this.retryButton.hidden = state !== "failed";
  }

  /** From now on the form sends this file. */
  keep(answer) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = `answer:${this.question.cid}`;
    field.value = answer;
    this.element.append(field);
  }

  abort() {}
}

/** The row of a file on its way to the server. */
class Upload extends FileRow {
  #file;
  #request;

  constructor(question, file) {
    super(question, file.name);
    this.#file = file;
    this.size = file.size;
    this.progress.setAttribute("aria-label", `Upload of ${file.name}`);
    this.retryButton.setAttribute("aria-label", `Retry ${file.name}`);
    this.retryButton.addEventListener("click", () => this.retry());
    this.show("waiting", `${formatBytes(this.size)}, waiting`);
  }

  send() {
    const { form, cid } = this.question;
    const request = new XMLHttpRequest();
    const query = new URLSearchParams({ survey: form.surveyId, question: cid });
    request.open("POST", `${form.uploadUrl}?${query}`);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      const share = event.total > 0 ? event.loaded / event.total : 0;
      this.sentBytes = share * this.size;
      this.progress.value = share * 100;
      this.show("sending", `${formatBytes(this.sentBytes)} of ${formatBytes(this.size)}`);
      form.update();
    });
    request.addEventListener("load", () => this.finish(request));
    request.addEventListener("error", () => this.fail(failureOf(request)));
    const body = new FormData();
    body.append("file", this.#file);
    this.#request = request;
    this.show("sending", `0 bytes of ${formatBytes(this.size)}`);
    request.send(body);
  }

  finish(request) {
    const isGood = request.status >= 200 && request.status < 300;
    if (!isGood) return this.fail(failureOf(request));
    const answer = request.response?.answer;
    if (typeof answer !== "string") return this.fail("The server's answer could not be read");
    this.keep(answer);
    this.show("done", `${formatBytes(this.size)}, uploaded`);
    this.question.form.announce(`${this.name} is uploaded`);
    this.question.form.next();
  }

  fail(reason) {
    this.sentBytes = 0;
    this.show("failed", reason);
    this.question.form.announce(`${this.name} was not uploaded. ${reason}`);
    this.question.form.next();
  }

  retry() {
    this.progress.value = 0;
    this.show("waiting", `${formatBytes(this.size)}, waiting`);
    // The button that had the focus is hidden now.
    this.removeButton.focus();
    this.question.showProblem("");
    this.question.form.next();
  }

  abort() {
    this.#request?.abort();
  }
}

/** What all questions have: their place for problems. */
class Question {
  constructor(form, element) {
    this.form = form;
    this.element = element;
    this.cid = element.dataset.question;
    this.isRequired = element.hasAttribute("data-required");
    this.problem = element.querySelector(".problem");
    // "input" comes before "change", in which a picker may find the next problem.
    element.addEventListener("input", () => this.showProblem(""));
  }

  get control() {
    return this.element.querySelector("input, textarea");
  }

  showProblem(message) {
    this.problem.textContent = message;
    this.problem.hidden = message === "";
    this.element.classList.toggle("wrong", message !== "");
    if (message === "") this.control.removeAttribute("aria-invalid");
    else this.control.setAttribute("aria-invalid", "true");
  }

  /** What is missing, or "". */
  missing() {
    if (!this.isRequired) return "";
    if (this.element.dataset.kind === "choice") {
      return this.element.querySelector(":checked") === null ? "Choose an option" : "";
    }
    return this.control.value.trim() === "" ? "Write an answer" : "";
  }
}

/** A question for files: the picker, and the list of what was picked. */
class UploadQuestion extends Question {
  uploads = [];

  constructor(form, element) {
    super(form, element);
    this.maxFiles = Number(element.dataset.maxFiles);
    this.accept = element.dataset.accept.split(",");
    this.picker = element.querySelector("[data-picker]");
    this.list = element.querySelector("[data-files]");
    this.input = element.querySelector("input[type=file]");
    // Files go ahead of the form, so the form must neither send nor demand them.
    this.input.removeAttribute("name");
    this.input.required = false;
    this.adoptKept();
    this.input.addEventListener("change", () => {
      const files = [...this.input.files];
      this.input.value = "";
      this.add(files);
    });
    this.acceptDrops();
    this.updatePicker();
  }

  get control() {
    return this.element.querySelector("input[type=file]");
  }

  /** Files that the server kept from the last try become rows like all others. */
  adoptKept() {
    for (const box of this.element.querySelectorAll("[data-kept]")) {
      const row = new FileRow(this, box.dataset.kept);
      row.show("done", "uploaded before");
      row.keep(box.value);
      box.closest("li").replaceWith(row.element);
      this.uploads.push(row);
    }
  }

  acceptDrops() {
    const over = (isOver) => this.picker.classList.toggle("over", isOver);
    this.picker.addEventListener("dragover", (event) => {
      event.preventDefault();
      event.dataTransfer.dropEffect = this.isFull ? "none" : "copy";
      over(!this.isFull);
    });
    this.picker.addEventListener("dragleave", () => over(false));
    this.picker.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      this.add([...event.dataTransfer.files]);
    });
  }

  get isFull() {
    return this.uploads.length >= this.maxFiles;
  }

  add(files) {
    const refused = [];
    for (const file of files) {
      const reason = this.refusal(file);
      if (reason !== "") {
        refused.push(reason);
        continue;
      }
      const upload = new Upload(this, file);
      this.uploads.push(upload);
      this.list.append(upload.element);
    }
    this.showProblem(refused.join(". "));
    this.updatePicker();
    this.form.next();
  }

  /** Why this file is not even tried, or "". */
  refusal(file) {
    const maxBytes = this.form.maxFileBytes;
    if (this.isFull) return `${file.name} is one too many: this question takes ${formatFiles(this.maxFiles)}`;
    const lowerCase = file.name.toLowerCase();
    if (!this.accept.some((suffix) => lowerCase.endsWith(suffix))) {
      return `${file.name} is of another kind: this question takes ${this.accept.join(", ")}`;
    }
    if (file.size > maxBytes) return `${file.name} is larger than ${formatBytes(maxBytes)}`;
    return file.size === 0 ? `${file.name} is empty` : "";
  }

  remove(upload) {
    upload.abort();
    this.uploads = this.uploads.filter((each) => each !== upload);
    upload.element.remove();
    this.showProblem("");
    this.updatePicker();
    // The button that had the focus is gone.
    this.input.focus();
    this.form.announce(`${upload.name} is removed`);
    this.form.next();
  }

  updatePicker() {
    this.picker.classList.toggle("full", this.isFull);
    this.input.disabled = this.isFull;
  }

  missing() {
    const failed = this.uploads.filter((upload) => upload.state === "failed").length;
    if (failed > 0) return `${formatFiles(failed)} not uploaded: retry or remove`;
    return this.isRequired && this.uploads.length === 0 ? "Add a file" : "";
  }
}

/** Keep the browser from opening a file that no picker took. */
function refuseFiles(event) {
  if (event.defaultPrevented || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "none";
}

class SurveyForm {
  constructor(element) {
    this.element = element;
    this.uploadUrl = element.dataset.uploadUrl;
    this.surveyId = element.dataset.survey;
    this.maxFileBytes = Number(element.dataset.maxFileBytes);
    this.button = element.querySelector("button[type=submit]");
    this.buttonText = this.button.textContent;
    this.note = element.querySelector("[data-note]");
    this.announcer = element.querySelector("[data-announcer]");
    this.questions = [...element.querySelectorAll("[data-question]")].map((each) =>
      each.dataset.kind === "upload" ? new UploadQuestion(this, each) : new Question(this, each),
    );
    element.classList.add("live");
    element.noValidate = true;
    element.enctype = "application/x-www-form-urlencoded";
    element.addEventListener("submit", (event) => this.submit(event));
    // Back from the next page the browser may show this one as it was left.
    window.addEventListener("pageshow", () => this.update());
    window.addEventListener("beforeunload", (event) => {
      if (this.busy.length > 0) event.preventDefault();
    });
    // A file dropped beside the picker would replace the page, and all that was filled in.
    for (const type of ["dragover", "drop"]) window.addEventListener(type, refuseFiles);
    this.update();
  }

  newRow() {
    return this.element.querySelector("[data-file-row]").content.firstElementChild.cloneNode(true);
  }

  get uploads() {
    return this.questions.flatMap((question) => question.uploads ?? []);
  }

  get busy() {
    return this.uploads.filter(({ state }) => state === "waiting" || state === "sending");
  }

  announce(text) {
    this.announcer.textContent = text;
  }

  /** Start what may start, then show how things stand. */
  next() {
    const sending = this.uploads.filter(({ state }) => state === "sending").length;
    const waiting = this.uploads.filter(({ state }) => state === "waiting");
    for (const upload of waiting.slice(0, Math.max(0, maxParallel - sending))) upload.send();
    this.update();
  }

  update() {
    const { busy } = this;
    this.button.disabled = busy.length > 0;
    this.button.textContent = this.buttonText;
    const total = busy.reduce((sum, { size }) => sum + size, 0);
    const sent = busy.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    this.note.textContent =
      busy.length === 0 ? "" : `Uploading ${formatFiles(busy.length)}: ${Math.floor((sent / total) * 100)} %`;
  }

  submit(event) {
    const problems = this.questions.map((question) => [question, question.missing()]);
    for (const [question, message] of problems) question.showProblem(message);
    const first = problems.find(([, message]) => message !== "")?.[0];
    if (first !== undefined || this.busy.length > 0) {
      event.preventDefault();
      first?.element.scrollIntoView({ block: "start" });
      first?.control.focus({ preventScroll: true });
      return;
    }
    this.button.disabled = true;
    this.button.textContent = "Sending...";
  }
}

for (const element of document.querySelectorAll("form.survey")) new SurveyForm(element);
document.querySelector("[data-summary]")?.focus();
