/**
 * Two surveys to start with. The first shows everything the service can do.
 */
import type { Survey } from "./survey.ts";
import { defineSurvey } from "./survey.ts";

const photoSuffixes = [".jpg", ".jpeg", ".png", ".webp", ".gif"];
const videoSuffixes = [".mp4", ".mov", ".webm"];

/** Text, both kinds of choice, and photo, video and PDF uploads. */
export const stormSurvey: Survey = defineSurvey({
  id: "storm-damage-2025",
  shortId: "storm25",
  projectId: "neighbourhood",
  title: "Neighbourhood damage report after the storm",
  intro:
    "Tell us what the storm broke around your home. The repair crews see your report the same day, " +
    "and a photo or a short video helps them to bring the right tools.",
  questions: [
    {
      oid: "65f1c0de0000000000000101",
      cid: "Q1",
      title: "Where is the damage?",
      help: "Street and house number, or the nearest crossing.",
      required: true,
      kind: "text",
      optionId: "A1",
      maxLength: 120,
    },
    {
      oid: "65f1c0de0000000000000102",
      cid: "Q2",
      title: "What is damaged?",
      help: "Choose all that apply.",
      required: true,
      kind: "choice",
      multiple: true,
      options: [
        { id: "roof", label: "Roof or chimney" },
        { id: "window", label: "Windows or doors" },
        { id: "tree", label: "Fallen tree or branches" },
        { id: "power", label: "Power line or street light" },
        { id: "flood", label: "Flooded cellar or street" },
      ],
    },
    {
      oid: "65f1c0de0000000000000103",
      cid: "Q3",
      title: "How urgent is it?",
      required: true,
      kind: "choice",
      multiple: false,
      options: [
        { id: "danger", label: "Somebody could get hurt" },
        { id: "soon", label: "It gets worse with every rain" },
        { id: "later", label: "It can wait for a week" },
      ],
    },
    {
      oid: "65f1c0de0000000000000104",
      cid: "Q4",
      title: "Photos of the damage",
      help: "One from afar and one from close by is best.",
      required: true,
      kind: "upload",
      customAttr: { dispType: "upload_file" },
      optionId: "A4",
      accept: photoSuffixes,
      maxFiles: 5,
    },
    {
      oid: "65f1c0de0000000000000105",
      cid: "Q5",
      title: "A short video",
      help: "Half a minute is plenty. Stay away from loose parts and power lines.",
      required: false,
      kind: "upload",
      customAttr: { dispType: "upload_file" },
      optionId: "A5",
      accept: videoSuffixes,
      maxFiles: 1,
    },
    {
      oid: "65f1c0de0000000000000106",
      cid: "Q6",
      title: "Letter from your insurance",
      help: "If you have one already.",
      required: false,
      kind: "upload",
      customAttr: { dispType: "upload_file" },
      optionId: "A6",
      accept: [".pdf"],
      maxFiles: 2,
    },
    {
      oid: "65f1c0de0000000000000107",
      cid: "Q7",
      title: "Anything else the crew should know?",
      help: "A locked gate, a dog, the best time to call.",
      required: false,
      kind: "text",
      optionId: "A7",
      multiline: true,
      maxLength: 1000,
    },
  ],
});

/** A minute's work: two choices, a text, and one upload that may be left out. */
export const talkSurvey: Survey = defineSurvey({
  id: "talk-feedback-2025",
  shortId: "talk25",
  projectId: "conference",
  title: "Conference talk feedback",
  intro: "Four short questions about the talk you have just heard. The speaker reads every answer.",
  questions: [
    {
      oid: "65f1c0de0000000000000201",
      cid: "Q1",
      title: "How did you like the talk?",
      required: true,
      kind: "choice",
      multiple: false,
      options: [
        { id: "great", label: "I will tell others about it" },
        { id: "good", label: "Good, I learned something" },
        { id: "mixed", label: "Mixed" },
        { id: "poor", label: "Not for me" },
      ],
    },
    {
      oid: "65f1c0de0000000000000202",
      cid: "Q2",
      title: "What should there be more of?",
      required: false,
      kind: "choice",
      multiple: true,
      options: [
        { id: "code", label: "Code" },
        { id: "demo", label: "Live demonstrations" },
        { id: "theory", label: "Background and theory" },
        { id: "questions", label: "Time for questions" },
      ],
    },
    {
      oid: "65f1c0de0000000000000203",
      cid: "Q3",
      title: "One thing to keep, one thing to change",
      required: true,
      kind: "text",
      optionId: "A3",
      multiline: true,
      maxLength: 600,
    },
    {
      oid: "65f1c0de0000000000000204",
      cid: "Q4",
      title: "A photo or your notes",
      help: "The speaker may show it in the next talk.",
      required: false,
      kind: "upload",
      customAttr: { dispType: "upload_file" },
      optionId: "A4",
      accept: [...photoSuffixes, ".pdf"],
      maxFiles: 3,
    },
  ],
});

/** In the order the index shows them. */
export const sampleSurveys: readonly Survey[] = [stormSurvey, talkSurvey];
