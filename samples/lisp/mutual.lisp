; mutual.lisp - two local functions that call each other
;
; One scope holds both through its variables even and odd, and both hold it.

(define (is-even number)
  (let ((even #f) (odd #f))
    (set! even (lambda (n) (if (= n 0) #t (odd (- n 1)))))
    (set! odd (lambda (n) (if (= n 0) #f (even (- n 1)))))
    (even number)))

(print (is-even 10))
(print (is-even 7))
