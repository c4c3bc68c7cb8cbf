/**
 * The form of a survey.
 *
 * It works twice. Without client script the files travel inside the form, as
 * fields `file:CID`. With it (`public/survey.js`) each file is uploaded first,
 * the file inputs lose their names, and hidden fields `answer:CID` say
 * `key|filename`.
 */
import type {
  ChoiceQuestion,
  Fields,
  FileAnswer,
  Problem,
  Question,
  Survey,
  TextQuestion,
  UploadQuestion,
} from "../model/index.ts";
import { answerField, fieldValues, fileField, formatFileAnswer, parseFileAnswers } from "../model/index.ts";
import { formatBytes, formatChoice, formatCount } from "./format.ts";
import type { Html } from "./html.ts";
import { attributes, html } from "./html.ts";
import { icon } from "./icons.ts";
import { layout } from "./layout.ts";
import { surveyUrl, uploadUrl } from "./urls.ts";

export interface FormPageData {
  readonly survey: Survey;
  /** When the form was first opened; it comes back in the field `startedAtMs`. */
  readonly startedAtMs: number;
  /** Largest file that the server takes. */
  readonly maxFileBytes: number;
  /** Comes back in the field `submissionToken`: one form is one submission, however often it is sent. */
  readonly submissionToken: string;
  /** Where the form goes; the survey's own address if absent. */
  readonly action?: string;
  /** What was filled in before; absent on the first visit. */
  readonly fields?: Fields;
  /** What is wrong with it. */
  readonly problems?: readonly Problem[];
}

interface QuestionContext {
  readonly values: readonly string[];
  readonly messages: readonly string[];
  readonly maxFileBytes: number;
}

export function formPage(data: FormPageData): string {
  const { survey, fields = {}, problems = [] } = data;
  const questions = survey.questions.map((question) =>
    renderQuestion(question, {
      values: fieldValues(fields, answerField(question.cid)),
      messages: problems.filter(({ cid }) => cid === question.cid).map(({ message }) => message),
      maxFileBytes: data.maxFileBytes,
    }),
  );
  const form = attributes({
    class: "survey",
    method: "post",
    action: data.action ?? surveyUrl(survey),
    enctype: "multipart/form-data",
    "data-upload-url": uploadUrl,
    "data-survey": survey.id,
    "data-max-file-bytes": data.maxFileBytes,
  });
  const body = html`
<h1>${survey.title}</h1>
<p class="lede">${survey.intro}</p>
${summary(survey, problems)}
<form${form}>
<input type="hidden" name="startedAtMs" value="${data.startedAtMs}">
<input type="hidden" name="submissionToken" value="${data.submissionToken}" autocomplete="off">
<p class="legend">${legend(survey)}</p>
${questions}
<div class="submit">
<button class="button primary large" type="submit">Send answers</button>
<p class="submit-note" data-note></p>
<noscript><p class="submit-note">Your files are sent together with the answers. With large ones this takes a while.</p></noscript>
</div>
<p class="visually-hidden" aria-live="polite" data-announcer></p>
${fileRowTemplate()}
</form>`;
  return layout({
    title: problems.length === 0 ? survey.title : `Please check: ${survey.title}`,
    body,
    script: "survey.js",
  });
}

function legend(survey: Survey): string {
  const required = survey.questions.filter((question) => question.required).length;
  if (required === survey.questions.length) return "Please answer every question.";
  return required === 0
    ? "Answer what you like."
    : "Please answer every question that is not marked optional.";
}

/** Problems at the top as well: whoever reads from there has to learn of them before the form begins. */
function summary(survey: Survey, problems: readonly Problem[]): Html | undefined {
  if (problems.length === 0) return undefined;
  const known = new Set(survey.questions.map((question) => question.cid));
  const item = ({ cid, message }: Problem): Html => {
    if (!known.has(cid)) return html`<li>${message}</li>`;
    const title = survey.questions.find((question) => question.cid === cid)?.title;
    return html`<li><a href="#question-${cid}">${title}</a>: ${message}</li>`;
  };
  return html`
<div class="panel danger" role="alert" tabindex="-1" data-summary>
${icon("warning")}
<div><h2>Nothing was sent yet</h2><p>${formatCount(problems.length, "answer needs", "answers need")} a second look:</p><ul>${problems.map(item)}</ul></div>
</div>`;
}

function renderQuestion(question: Question, context: QuestionContext): Html {
  if (question.kind === "text") return textQuestion(question, context);
  return question.kind === "choice" ? choiceQuestion(question, context) : uploadQuestion(question, context);
}

function titleOf(question: Question): Html {
  return html`<span class="question-title">${question.title}</span>${!question.required && html` <span class="tag">optional</span>`}`;
}

function helpOf(question: Question, more?: string): Html {
  return html`
${question.help !== undefined && html`<p class="help" id="help-${question.cid}">${question.help}</p>`}
${more !== undefined && html`<p class="help fine" id="rules-${question.cid}">${more}</p>`}`;
}

/** Always there, for the client script to fill; alert makes screen readers say what is put in later. */
function problemOf(question: Question, messages: readonly string[]): Html {
  const state = attributes({ id: `problem-${question.cid}`, hidden: messages.length === 0 });
  return html`<p class="problem" role="alert"${state}>${messages.join(". ")}</p>`;
}

function describedBy(question: Question, hasRules = false): string {
  const ids = [`problem-${question.cid}`];
  if (hasRules) ids.unshift(`rules-${question.cid}`);
  if (question.help !== undefined) ids.unshift(`help-${question.cid}`);
  return ids.join(" ");
}

function frame(question: Question, messages: readonly string[]): Html {
  return attributes({
    class: messages.length === 0 ? "question" : "question wrong",
    id: `question-${question.cid}`,
    "data-question": question.cid,
    "data-kind": question.kind,
    "data-required": question.required,
  });
}

function textQuestion(question: TextQuestion, { values, messages }: QuestionContext): Html {
  const id = `input-${question.cid}`;
  const common = {
    id,
    name: answerField(question.cid),
    required: question.required,
    maxlength: question.maxLength,
    "aria-describedby": describedBy(question, question.multiline),
    "aria-invalid": messages.length > 0 && "true",
  };
  const value = values[0] ?? "";
  // A line end right after <textarea> is dropped by browsers; this one is there to be dropped.
  const input =
    question.multiline === true
      ? html`<textarea rows="5"${attributes(common)}>${"\n"}${value}</textarea>`
      : html`<input type="text"${attributes({ ...common, value })}>`;
  const rules = question.multiline === true ? `At most ${question.maxLength} characters.` : undefined;
  return html`
<div${frame(question, messages)}>
<label for="${id}">${titleOf(question)}</label>
${helpOf(question, rules)}
${problemOf(question, messages)}
${input}
</div>`;
}

function choiceQuestion(question: ChoiceQuestion, { values, messages }: QuestionContext): Html {
  const option = ({ id, label }: ChoiceQuestion["options"][number]): Html => {
    const input = attributes({
      type: question.multiple ? "checkbox" : "radio",
      name: answerField(question.cid),
      value: id,
      checked: values.includes(id),
      // One of several boxes cannot be required without requiring that very box.
      required: question.required && !question.multiple,
    });
    return html`<li><label class="option"><input${input}><span>${label}</span></label></li>`;
  };
  return html`
<fieldset${frame(question, messages)} aria-describedby="${describedBy(question)}">
<legend>${titleOf(question)}</legend>
${helpOf(question)}
${problemOf(question, messages)}
<ul class="options">${question.options.map(option)}</ul>
</fieldset>`;
}

function uploadQuestion(question: UploadQuestion, { values, messages, maxFileBytes }: QuestionContext): Html {
  const kept = values.flatMap(readableFiles);
  const id = `input-${question.cid}`;
  const input = attributes({
    id,
    name: fileField(question.cid),
    accept: question.accept.join(","),
    multiple: question.maxFiles > 1,
    required: question.required && kept.length === 0,
    "aria-describedby": describedBy(question, true),
    "aria-invalid": messages.length > 0 && "true",
  });
  const count = question.maxFiles === 1 ? "One file" : `Up to ${question.maxFiles} files`;
  const each = question.maxFiles === 1 ? "" : " each";
  return html`
<div${frame(question, messages)} data-max-files="${question.maxFiles}" data-accept="${question.accept.join(",")}">
<label for="${id}">${titleOf(question)}</label>
${helpOf(question, `${count}, ${formatChoice(question.accept)}, at most ${formatBytes(maxFileBytes)}${each}.`)}
${problemOf(question, messages)}
<div class="picker" data-picker>
${icon("upload")}
<span class="picker-text" aria-hidden="true"><strong>${question.maxFiles === 1 ? "Choose a file" : "Choose files"}</strong> or drop ${question.maxFiles === 1 ? "it" : "them"} here</span>
<input type="file"${input}>
</div>
<ul class="files" data-files aria-label="Files for: ${question.title}">${kept.map((file) => keptFile(question, file))}</ul>
</div>`;
}

/** A file that is in the store already stays unless its box is cleared; no script needed. */
function keptFile(question: UploadQuestion, file: FileAnswer): Html {
  const input = attributes({ name: answerField(question.cid), value: formatFileAnswer(file) });
  return html`<li class="file kept"><label><input type="checkbox" checked data-kept="${file.filename}"${input}> Keep <span class="file-name">${file.filename}</span></label></li>`;
}

// What cannot be read cannot be kept; the question's problem says so already.
function readableFiles(value: string): FileAnswer[] {
  try {
    return parseFileAnswers(value);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** One row of the list of files, for the client script to copy: the markup has one place. */
function fileRowTemplate(): Html {
  return html`
<template data-file-row>
<li class="file">
<span class="file-name" data-name></span>
<span class="file-note" data-state-text></span>
<progress max="100" value="0" data-progress></progress>
<span class="file-buttons"><button type="button" class="button small" data-retry hidden>Retry</button><button type="button" class="button small" data-remove>Remove</button></span>
</li>
</template>`;
}
