/** What is wrong with one field of something that came in; never its value. `field` is '' where the whole of it is wrong. */
export interface FieldError {
  field: string
  message: string
}
