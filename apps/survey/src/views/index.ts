/** The door of the views: pure functions from data to a whole page of HTML. */
export type { ErrorPageData } from "./error-page.ts";
export { errorPage } from "./error-page.ts";
export type { FormPageData } from "./form-page.ts";
export { formPage } from "./form-page.ts";
export type { IndexPageData, SurveyCard } from "./index-page.ts";
export { indexPage } from "./index-page.ts";
export type { ResultsPageData } from "./results-page.ts";
export { resultsPage } from "./results-page.ts";
export type { ReviewPageData } from "./review-page.ts";
export { reviewPage } from "./review-page.ts";
export type { ThankYouPageData } from "./thank-you-page.ts";
export { thankYouPage } from "./thank-you-page.ts";
export {
  fileUrl,
  indexUrl,
  resultsUrl,
  reviewUrl,
  staticUrl,
  surveyUrl,
  thankYouUrl,
  uploadUrl,
} from "./urls.ts";
