; button.lisp - a data structure that holds a closure that captures it
;
; The button is a pair of its text and what to do when it is pressed, and what
; to do needs the button.

(define (make-button text)
  (let ((button (cons text #f)))
    (set-cdr! button (lambda () (print "pressed" (car button))))
    button))

(define (press button)
  ((cdr button)))

(press (make-button "start"))
