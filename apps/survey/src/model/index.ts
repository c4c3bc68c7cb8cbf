/** The door of the model: surveys, answers, respondents, reviews. Pure data and functions, no I/O. */
export type { FileAnswer, TotalAnswer } from "./answer.ts";
export { formatFileAnswer, formatFileAnswers, parseFileAnswer, parseFileAnswers } from "./answer.ts";
export type { FileNameParts, MediaKind } from "./file-name.ts";
export {
  acceptsFile,
  destinationKey,
  fileNameProblem,
  isVideoOrImage,
  maxFileNameBytes,
  mediaKind,
  splitFileName,
} from "./file-name.ts";
export type { FailedFile, Respondent, SubmittedFile } from "./respondent.ts";
export { submittedFiles } from "./respondent.ts";
export type { DecidedItem, Decision, FileVerdict, ReviewItem, ReviewTask } from "./review.ts";
export { formatReviewTask, parseReviewTask } from "./review.ts";
export { sampleSurveys, stormSurvey, talkSurvey } from "./samples.ts";
export type { Fields, Problem, Submission } from "./submission.ts";
export {
  answerField,
  fieldsFromJson,
  fieldValues,
  fileField,
  readStartedAtMs,
  readSubmission,
} from "./submission.ts";
export type {
  ChoiceOption,
  ChoiceQuestion,
  Question,
  Survey,
  TextQuestion,
  UploadQuestion,
} from "./survey.ts";
export { defineSurvey, getQuestion, getQuestionByCid, isCid, isOid, isUploadQuestion } from "./survey.ts";
